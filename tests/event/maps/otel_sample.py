"""Makes the otel-genai samples: lines that the OpenTelemetry SDK and its OpenAI instrumentation write
themselves, from replies of a stub server on this machine.

    pip install 'openai<3' 'wrapt<2' opentelemetry-sdk opentelemetry-exporter-otlp-json-file \\
                opentelemetry-instrumentation-openai-v2==2.4b0 opentelemetry-util-genai==0.4b0
    python otel_sample.py current > otel-genai-current.jsonl
    python otel_sample.py console > otel-genai-console.jsonl
    pip install opentelemetry-instrumentation-openai-v2==2.3b0
    python otel_sample.py older > otel-genai-older.jsonl

and the bodies that its OTLP/HTTP JSON exporters post, as they arrive:

    pip install opentelemetry-exporter-otlp-json-http opentelemetry-instrumentation-openai-v2==2.4b0
    python otel_sample.py http              # writes otlp-traces.json and otlp-logs.json
"""
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

mode = sys.argv[1]
if mode in ("current", "http"):
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
    os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = (
        "span_only" if mode == "current" else "span_and_event")

from openai import OpenAI, RateLimitError
from opentelemetry import trace
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter


class Stub(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(text)
        if self.path in ("/v1/traces", "/v1/logs"):  # what an exporter sends
            with open(f"otlp-{self.path[4:]}.json", "wb") as f:
                f.write(text + b"\n")
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        busy = body["model"] == "busy-model"
        reply = {"error": {"message": "slow down"}} if busy else {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": "Seine."}}],
            "usage": {"prompt_tokens": 21, "completion_tokens": 3, "total_tokens": 24,
                      "prompt_tokens_details": {"cached_tokens": 8}}}
        self.send_response(429 if busy else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(reply).encode())

    def log_message(self, *args):
        pass


class Caller(SpanProcessor):
    """What a gateway adds: who called, from where, in which conversation."""
    attributes = {}

    def on_start(self, span, parent_context=None):
        span.set_attributes(self.attributes)

    def on_emit(self, log_record):
        log_record.log_record.attributes = {**log_record.log_record.attributes, **self.attributes}

    def shutdown(self):
        pass

    def force_flush(self, timeout_millis=0):
        return True


def by_hand():
    """The names of semantic conventions 1.26 and of today in one span, set without an instrumentation."""
    provider = TracerProvider(resource=Resource({"tenant.id": "org-example"}))
    provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter(
        formatter=lambda span: span.to_json(indent=None) + "\n")))
    tracer = provider.get_tracer("by-hand")
    with tracer.start_as_current_span("chat model-a", attributes={
            "gen_ai.system": "openai", "gen_ai.request.model": "model-a", "enduser.id": "u3",
            "gen_ai.usage.prompt_tokens": 40, "gen_ai.usage.completion_tokens": 7,
            "gen_ai.response.finish_reasons": ["content_filter"],
            "gen_ai.prompt": json.dumps([{"role": "user", "content": "Name a bird."}])}):
        pass
    with tracer.start_as_current_span("chat model-b", attributes={
            "gen_ai.provider.name": "anthropic", "gen_ai.operation.name": "chat", "user.id": "u4",
            "gen_ai.request.model": "model-b", "gen_ai.request.stream": True,
            "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.tool.definitions": json.dumps([{"type": "function", "name": "look_up"}]),
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
            "gen_ai.input.messages": json.dumps([
                {"role": "user", "parts": [{"type": "text", "content": "Name a flower."}]},
                {"role": "assistant", "parts": [{"type": "text", "content": "Rose."}]},
                {"role": "user", "parts": [{"type": "text", "content": "Another?"},
                                           {"type": "uri", "modality": "image", "uri": "x"}]}])}):
        pass
    with tracer.start_as_current_span("embeddings model-e", attributes={
            "gen_ai.operation.name": "embeddings", "gen_ai.request.model": "model-e", "user.id": "u4"}):
        pass
    provider.shutdown()


if mode == "console":
    by_hand()
    sys.exit(0)
server = HTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/v1"
resource = Resource({"service.name": "gateway", "tenant.id": "org-example"})
provider = TracerProvider(resource=resource)
provider.add_span_processor(Caller())
logs = None
if mode == "http":
    from opentelemetry._logs import set_logger_provider
    from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(Caller())
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=address + "/logs")))
    set_logger_provider(logs)
    exporter = OTLPSpanExporter(endpoint=address + "/traces")
else:
    from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
    exporter = FileSpanExporter(stream=sys.stdout)
provider.add_span_processor(BatchSpanProcessor(exporter))
trace.set_tracer_provider(provider)
OpenAIInstrumentor().instrument()
client = OpenAI(base_url=address, api_key="none", max_retries=0)


def ask(user, ip, model, messages, **more):
    Caller.attributes = {"user.id": user, "client.address": ip, "gen_ai.conversation.id": f"c-{user}",
                         "user_agent.original": "OpenAI/Python 1.40.0"}
    try:
        client.chat.completions.create(model=model, messages=messages, **more)
    except RateLimitError:
        pass


with trace.get_tracer("gateway").start_as_current_span("POST /v1/chat/completions"):
    ask("u1", "192.0.2.17", "gpt-4o-mini",
        [{"role": "system", "content": "Answer in one word."},
         {"role": "user", "content": "Which river flows through Paris?"}],
        max_tokens=16, temperature=0.2)
ask("u2", "2001:db8::2", "busy-model", [{"role": "user", "content": "Name a tree."}])
provider.shutdown()
if logs:
    logs.shutdown()
