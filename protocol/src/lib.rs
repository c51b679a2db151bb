//! The viva wire protocol, version by version.
