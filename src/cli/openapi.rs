//! `viva openapi`: the REST API's description, as the server gives it at `/api/openapi.json`. It needs no server.

use crate::cli::{Failure, print};
use crate::rest::openapi_json;

pub(crate) fn openapi() -> Result<(), Failure> {
    print(openapi_json().trim_end())
}
