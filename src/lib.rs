pub mod model;
pub mod results;
pub mod statistics;
