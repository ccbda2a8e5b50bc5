pub mod threefry;
