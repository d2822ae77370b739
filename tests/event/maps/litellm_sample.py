"""Makes litellm.jsonl: records that LiteLLM itself writes, from mocked replies, without a network.

    pip install litellm mcp
    python litellm_sample.py > litellm.jsonl

The metadata is what LiteLLM's proxy fills in for a virtual key; the
addresses are documentation addresses and the texts are harmless.
"""
import json
import os
import sys
import time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.integrations.custom_logger import CustomLogger


class Writer(CustomLogger):
    def log_success_event(self, kwargs, response_obj, start_time, end_time):
        record = kwargs["standard_logging_object"]
        record["error_information"]["traceback"] = ""  # it names folders of the machine
        record["model_map_information"]["model_map_value"] = None  # 5 KB of prices
        print(json.dumps(record, default=str), flush=True)

    log_failure_event = log_success_event


def metadata(n, ip):
    return {
        "user_api_key_hash": f"{n:064x}",
        "user_api_key_alias": f"key-{n}",
        "user_api_key_team_id": "team-atlas",
        "user_api_key_org_id": "org-example",
        "user_api_key_user_id": f"user-{n}",
        "requester_ip_address": ip,
        "user_agent": "OpenAI/Python 1.40.0",
    }


def ask(n, ip, messages, reply, **more):
    try:
        response = litellm.completion(model="gpt-4o-mini", messages=messages, mock_response=reply,
                                      metadata=metadata(n, ip), **more)
        if more.get("stream"):
            for _ in response:
                pass
    except Exception as failure:  # the mocked rate limit
        print(failure, file=sys.stderr)
    time.sleep(1.5)  # the callback runs on LiteLLM's own thread


litellm.callbacks = [Writer()]
ask(1, "192.0.2.17",
    [{"role": "system", "content": "Answer in one word."},
     {"role": "user", "content": "Which river flows through Paris?"}],
    "Seine.", max_tokens=16, temperature=0.2)
ask(1, "192.0.2.17",
    [{"role": "system", "content": "Answer in one word."},
     {"role": "user", "content": "Which river flows through Paris?"},
     {"role": "assistant", "content": "Seine."},
     {"role": "user", "content": [{"type": "text", "text": "And through London?"},
                                  {"type": "image_url", "image_url": {"url": "https://maps.example/london.png"}}]}],
    "Thames.", stream=True,
    tools=[{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}])
ask(2, "2001:db8::2", [{"role": "user", "content": "Name a tree."}], litellm.RateLimitError(
    message="slow down", llm_provider="openai", model="gpt-4o-mini"))
