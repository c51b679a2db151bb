//! Adapters for one machine: what is built in, or reached over plain HTTP. No port is defined here, and no decision of an interview is taken.

pub mod scripted_model;
