# shellcheck shell=bash
# A browser for scripts, to be sourced: headless Chromium driven through chromedriver (W3C WebDriver) with curl.
#
#   browser_begin          starts both, in a new folder; browser_end stops them and removes it (also by trap of the caller)
#   browser_open URL       waits until it is loaded
#   browser_size W H [mobile]
#   browser_media NAME VALUE   as prefers-color-scheme dark; empty VALUE: back to normal
#   browser_js SCRIPT      runs the body of a function; prints what it returns as text
#   browser_keys KEY...    presses keys: characters, or Enter Escape Space Tab Up Down Left Right Home End
#   browser_point CSS      moves the mouse over the middle of an element
#   browser_shot FILE      a PNG of the window
#   browser_console        what the console holds since the last call, as JSON; [] when nothing
#   browser_requests       each URL that was asked for over a network since the last call, one a line

browser_call() { # METHOD PATH [BODY]
  if [ $# -gt 2 ]; then
    printf '%s' "$3" | curl -sS --max-time 120 -X "$1" -H 'Content-Type: application/json' --data-binary @- "$browser_url$2"
  else
    curl -sS --max-time 120 -X "$1" "$browser_url$2"
  fi
}

# a text as a JSON string, with its quotes
browser_quote() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  printf '"%s"' "${text//$'\t'/\\t}"
}

browser_begin() {
  local port tries=100 flags flag list=""
  browser_dir=$(mktemp -d)
  chromedriver --port=0 --log-level=SEVERE >"$browser_dir/driver.log" 2>&1 &
  browser_pid=$!
  while ! port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$browser_dir/driver.log") || [ -z "$port" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat "$browser_dir/driver.log"; return 1; }
    sleep 0.1
  done
  browser_url=http://127.0.0.1:$port
  flags=(--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync
    --disable-dev-shm-usage --hide-scrollbars --force-color-profile=srgb "--user-data-dir=$browser_dir/profile")
  for flag in "${flags[@]}"; do list+="${list:+,}\"$flag\""; done
  local answer id
  answer=$(browser_call POST /session "{\"capabilities\":{\"alwaysMatch\":{\"goog:loggingPrefs\":{\"browser\":\"ALL\",\"performance\":\"ALL\"},\"goog:chromeOptions\":{\"args\":[$list]}}}}")
  id=$(sed -n 's/.*"sessionId":"\([^"]*\)".*/\1/p' <<<"$answer")
  [ -n "$id" ] || { printf '%s\n' "$answer"; return 1; }
  browser_url=$browser_url/session/$id
}

browser_end() {
  [ -n "${browser_pid:-}" ] || return 0
  browser_call DELETE "" >/dev/null 2>&1 || true
  kill "$browser_pid" 2>/dev/null || true
  wait "$browser_pid" 2>/dev/null || true
  rm -rf "$browser_dir"
  browser_pid=""
}

browser_cdp() { browser_call POST /goog/cdp/execute "{\"cmd\":\"$1\",\"params\":$2}"; }
browser_open() { browser_call POST /url "{\"url\":\"$1\"}" >/dev/null; }
browser_size() { browser_cdp Emulation.setDeviceMetricsOverride "{\"width\":$1,\"height\":$2,\"deviceScaleFactor\":1,\"mobile\":$([ -n "${3:-}" ] && echo true || echo false)}" >/dev/null; }
browser_media() { browser_cdp Emulation.setEmulatedMedia "{\"features\":[{\"name\":\"$1\",\"value\":\"$2\"}]}" >/dev/null; }

browser_js() {
  local answer
  answer=$(browser_call POST /execute/sync "{\"script\":$(browser_quote "$1"),\"args\":[]}")
  case $answer in
    '{"value":{"error"'*) printf 'error: %s\n' "$answer" | cut -c 1-300 ;;
    '{"value":"'*) printf '%s\n' "$answer" | sed -e 's/^{"value":"//; s/"}$//; s/\\n/\n/g; s/\\"/"/g; s/\\\\/\\/g' ;;
    *) printf '%s\n' "$answer" | sed -e 's/^{"value"://; s/}$//' ;;
  esac
}

browser_keys() {
  local key code list=""
  for key in "$@"; do
    case $key in
      Enter) code='\ue007' ;; Escape) code='\ue00c' ;; Space) code=' ' ;; Tab) code='\ue004' ;; Up) code='\ue013' ;; Down) code='\ue015' ;;
      Left) code='\ue012' ;; Right) code='\ue014' ;; Home) code='\ue011' ;; End) code='\ue010' ;; *) code=$key ;;
    esac
    list+="${list:+,}{\"type\":\"keyDown\",\"value\":\"$code\"},{\"type\":\"keyUp\",\"value\":\"$code\"}"
  done
  browser_call POST /actions "{\"actions\":[{\"type\":\"key\",\"id\":\"keys\",\"actions\":[$list]}]}" >/dev/null
}

browser_point() {
  local where
  where=$(browser_js "const box = document.querySelector('$1').getBoundingClientRect(); return Math.round(box.x + box.width / 2) + ' ' + Math.round(box.y + box.height / 2);")
  browser_call POST /actions "{\"actions\":[{\"type\":\"pointer\",\"id\":\"mouse\",\"parameters\":{\"pointerType\":\"mouse\"},\"actions\":[{\"type\":\"pointerMove\",\"duration\":0,\"x\":${where% *},\"y\":${where#* }}]}]}" >/dev/null
}

browser_shot() { browser_call GET /screenshot | sed -e 's/^{"value":"//; s/"}$//' | base64 -d >"$1"; }
browser_console() { browser_call POST /se/log '{"type":"browser"}' | sed -e 's/^{"value"://; s/}$//'; }
browser_requests() {
  browser_call POST /se/log '{"type":"performance"}' | grep -oE 'Network\.requestWillBeSent[^}]*' | grep -oE '\\"documentURL\\":\\"[^"\\]*|\\"url\\":\\"[^"\\]*' | sed -e 's/.*\\"//' |
    grep -vE '^(file|data|about|chrome):' || true
}
