"""Makes litellm-posted.json: bodies that LiteLLM's generic API callback posts, as they arrive, one for
each of its forms, from mocked replies, without a network.

    pip install litellm
    python litellm_posted.py > litellm-posted.json
"""
import asyncio
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger

posted = []


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        posted.append({"form": self.path[1:], "content_type": self.headers["Content-Type"],
                       "body": body.decode()})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


async def main():
    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    loggers = [GenericAPILogger(endpoint=f"http://127.0.0.1:{server.server_port}/{form}",
                                log_format=form) for form in ("json_array", "ndjson", "single")]
    litellm.callbacks = loggers
    for n, text in ((1, "Which river flows through Paris?"), (2, "Name a tree.")):
        await litellm.acompletion(
            model="gpt-4o-mini", messages=[{"role": "user", "content": text}], mock_response="Seine.",
            metadata={"user_api_key_hash": f"{n:064x}", "user_api_key_user_id": f"user-{n}",
                      "requester_ip_address": "192.0.2.17"})
    await asyncio.sleep(2)  # the callbacks run on LiteLLM's own worker
    for logger in loggers:
        for record in logger.log_queue:
            record["model_map_information"]["model_map_value"] = None  # 5 KB of prices
        await logger.async_send_batch()
    json.dump(posted, sys.stdout, indent=1)
    print()


asyncio.run(main())
