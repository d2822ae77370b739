#!/bin/sh
# Makes nginx-json.jsonl with a real nginx (Debian package nginx-light) that proxies to itself.
set -eu
folder=$(mktemp -d)
trap 'kill "$(cat "$folder/pid")" 2>/dev/null; rm -rf "$folder"' EXIT
cat >"$folder/nginx.conf" <<'CONF'
daemon on; pid pid; error_log error.log;
events {}
http {
  log_format events escape=json '{"time_iso8601":"$time_iso8601","msec":$msec,"remote_addr":"$remote_addr",'
    '"http_x_forwarded_for":"$http_x_forwarded_for","remote_user":"$remote_user",'
    '"request_method":"$request_method","uri":"$uri","status":$status,"request_time":$request_time,'
    '"http_user_agent":"$http_user_agent","http_authorization":"$http_authorization",'
    '"request_id":"$request_id","request_body":"$request_body"}';
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server { listen 127.0.0.1:18081; location / { return 200 "{}"; } location /busy { return 429; } }
  server { listen 127.0.0.1:18080; access_log events.log events; location / { proxy_pass http://127.0.0.1:18081; } }
}
CONF
nginx -p "$folder" -c "$folder/nginx.conf"
post() {
    curl -s -o "$folder/reply" -X POST "http://127.0.0.1:18080$1" -H "X-Forwarded-For: $2" \
        -H "Authorization: Bearer $3" -H 'User-Agent: OpenAI/Python 1.40.0' -d "$4"
}
post /v1/messages '192.0.2.17, 198.51.100.1' not-a-real-secret-1 '{"model": "model-a", "max_tokens": 64,
 "system": [{"type": "text", "text": "Answer in \"one\" word."}], "tools": [{"name": "look_up"}], "stream": true,
 "messages": [{"role": "user", "content": [{"type": "text", "text": "Which river flows through Köln?"}]}]}'
post /busy '192.0.2.18' not-a-real-secret-2 '{"model": "model-b", "temperature": 0.5,
 "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name a tree."}]}'
curl -s -o "$folder/reply" http://127.0.0.1:18080/health
sleep 1
cat "$folder/events.log"
