pub mod lanes;
pub mod model;
pub mod random;
pub mod reduced;
