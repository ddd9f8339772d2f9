//! stub
pub mod aws;
pub mod failure;
