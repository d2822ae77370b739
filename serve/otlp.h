/* OTLP/HTTP as JSON (opentelemetry.io/docs/specs/otlp, 1.x): spans and log records with GenAI
 * attributes, read through a field map; what is rejected is told as a partial success. */
#pragma once

#include "serve/body.h"

/* POST /v1/traces and /v1/logs: one ExportTraceServiceRequest or ExportLogsServiceRequest. */
body_decode body_decode_otlp;

/* ExportTraceServiceResponse, ExportLogsServiceResponse. */
body_answer body_answer_traces, body_answer_logs;

/* google.rpc.Status: what OTLP clients expect of errors. */
body_problem body_problem_otlp;
