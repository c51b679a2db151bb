#!/usr/bin/env python3
"""Runs the emulator of AWS (ministack) for tests, with four things put right that AWS does and it does not.

1. API Gateway accepts the sub-protocol that `$connect` answers with in `Sec-WebSocket-Protocol`; the emulator drops it, and a client that
   asked for one then refuses the connection.
2. Lambda's runtime API answers at once; the emulator's waits for its socket's delayed acknowledgements, 45 ms for each invocation.
3. CloudFormation gives an HTTP API the CORS rules of its template; the emulator stores them under names that it does not read.
4. A template's parameter of type Number is a number where a queue's function is told how many of it may run at once; the emulator keeps
   it as text, which it cannot compare.

It takes the emulator's own variables (GATEWAY_PORT, BIND_HOST, …) and is started with the Python of target/venv, as
scripts/setup.sh test makes it. Nothing of what the functions say or are told is changed.
"""

import contextvars
import socketserver
import sys

from ministack import app
from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

HEADER = "sec-websocket-protocol"
accepted = contextvars.ContextVar("accepted", default=None)


def with_cors_as_stored(props: dict) -> dict:
    rules = props.get("CorsConfiguration")
    if not rules:
        return props
    return {**props, "CorsConfiguration": {name[0].lower() + name[1:]: value for name, value in rules.items()}}


def with_numbers(props: dict) -> dict:
    scaling = props.get("ScalingConfig")
    if not scaling:
        return props
    return {**props, "ScalingConfig": {name: int(value) for name, value in scaling.items()}}


def main() -> None:
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    invoke, handle = apigateway._invoke_ws_lambda, apigateway.handle_websocket

    async def invoke_and_note(*args, **kwargs):
        answer = await invoke(*args, **kwargs)
        headers = (answer or {}).get("headers") or {}
        accepted.set(next((value for name, value in headers.items() if name.lower() == HEADER), None))
        return answer

    async def handle_with_protocol(scope, receive, send, *args, **kwargs):
        async def send_with_protocol(message):
            protocol = accepted.get()
            if message["type"] == "websocket.accept" and protocol in scope.get("subprotocols", []):
                message = {**message, "subprotocol": protocol}
            await send(message)

        await handle(scope, receive, send_with_protocol, *args, **kwargs)

    apigateway._invoke_ws_lambda, apigateway.handle_websocket = invoke_and_note, handle_with_protocol

    http_api = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create = http_api["create"]
    http_api["create"] = lambda name, props, stack: create(name, with_cors_as_stored(props), stack)
    mapping = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    create_mapping = mapping["create"]
    mapping["create"] = lambda name, props, stack: create_mapping(name, with_numbers(props), stack)
    sys.exit(app.main())


if __name__ == "__main__":
    main()
