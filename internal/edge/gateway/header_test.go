package gateway_test

import (
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/edge/clientip"
)

// seen hands the test each request that arrives upstream.
func seen(into chan<- *http.Request) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { into <- r }
}

func TestRequestHeadersArrive(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 1)
	up := upstream(t, seen(requests))
	s := start(t, up.URL)
	_, r := raw(t, s.Addr, "GET /auth/v1/user HTTP/1.1\r\nHost: side.car:8000\r\nauthorization: Bearer x.y.z\r\nAPIKEY: key\r\nPrefer:\r\n"+
		"Cookie: a=1; b=2\r\nX-Twice: one\r\nX-Twice: two\r\nAccept-Encoding: br;q=0.5\r\nX-Odd: \xc3\xa4 \"q\"\r\nTE: trailers, gzip\r\n"+
		"Proxy-Authorization: Basic c2VjcmV0\r\nKeep-Alive: 300\r\nX-Private: mine\r\nConnection: keep-alive, X-Private\r\nConnection: x-other\r\nX-Other: too\r\n\r\n")
	answer(t, r, "GET")
	got := <-requests
	same(t, "host", got.Host, strings.TrimPrefix(up.URL, "http://"))
	mark := got.Header["Cdn-Loop"]
	delete(got.Header, "Cdn-Loop")
	want := http.Header{
		"Authorization": {"Bearer x.y.z"}, "Apikey": {"key"}, "Prefer": {""}, "Cookie": {"a=1; b=2"}, "X-Twice": {"one", "two"},
		"Accept-Encoding": {"br;q=0.5"}, "X-Odd": {"\xc3\xa4 \"q\""}, "Te": {"trailers"},
		"X-Forwarded-For": {"127.0.0.1"}, "X-Forwarded-Proto": {"http"}, "X-Forwarded-Host": {"side.car:8000"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("headers upstream (-want +got):\n%s", diff)
	}
	if len(mark) != 1 || !strings.HasPrefix(mark[0], "romashka-") {
		t.Errorf("CDN-Loop %q", mark)
	}
}

func TestForwardedFor(t *testing.T) {
	t.Parallel()
	lies := []string{
		"X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2, 3.3.3.3", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example",
		"X-Forwarded-Port: 443", "X-Real-IP: 1.1.1.1", "Forwarded: for=1.1.1.1", "CF-Connecting-IP: 1.1.1.1", "True-Client-IP: 1.1.1.1",
		"CF-Ray: 8a1b-FRA", "CF-Visitor: {}", "CF-EW-Via: 15", "Sb-Forwarded-For: 4.4.4.4", "X-Envoy-External-Address: 1.1.1.1", "X-Original-Url: /admin",
		"X-Rewrite-Url: /admin", "X_Forwarded_For: 1.1.1.1", "X-Original-Forwarded-For: 1.1.1.1", "X-Cluster-Client-IP: 1.1.1.1", "Fastly-Client-IP: 1.1.1.1",
		"X-Client-Info: supabase-js/2", "X-Amz-Date: 20261128T000000Z", "X-Region: eu",
	}
	never := map[string]string{ // of whoever says it
		"X-Real-Ip": "", "Forwarded": "", "Cf-Connecting-Ip": "", "True-Client-Ip": "", "Cf-Ray": "", "Cf-Visitor": "", "Cf-Ew-Via": "",
		"Sb-Forwarded-For": "", "X-Envoy-External-Address": "", "X-Original-Url": "", "X-Rewrite-Url": "", "X_forwarded_for": "",
		"X-Original-Forwarded-For": "", "X-Cluster-Client-Ip": "", "Fastly-Client-Ip": "",
	}
	for _, tt := range []struct {
		name  string
		trust []string
		send  []string
		want  map[string]string // "" = must be absent
	}{
		{name: "nothing said", want: map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "h"}},
		{name: "lies", send: lies, want: map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "h", "X-Forwarded-Port": "",
			"X-Client-Info": "supabase-js/2", "X-Amz-Date": "20261128T000000Z", "X-Region": "eu",
		}},
		{name: "a trusted proxy", trust: []string{"127.0.0.0/8"}, send: lies, want: map[string]string{
			"X-Forwarded-For": "3.3.3.3, 127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example",
			"X-Forwarded-Port": "443", "X-Client-Info": "supabase-js/2",
		}},
		{name: "trusted proxies", trust: []string{"127.0.0.0/8", "3.3.3.3/32"}, send: lies, want: map[string]string{"X-Forwarded-For": "2.2.2.2, 3.3.3.3, 127.0.0.1"}},
		{name: "nonsense of a trusted proxy", trust: []string{"127.0.0.0/8"},
			send: []string{"X-Forwarded-Proto: javascript", "X-Forwarded-Host: a b", "X-Forwarded-Port: x", "X-Forwarded-Prefix: " + strings.Repeat("/p", 500)},
			want: map[string]string{"X-Forwarded-Proto": "http", "X-Forwarded-Host": "h", "X-Forwarded-Port": "", "X-Forwarded-Prefix": ""}},
		{name: "a trusted proxy that says nothing", trust: []string{"127.0.0.1/32"}, want: map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}},
		{name: "another is trusted", trust: []string{"10.0.0.0/8"}, send: lies, want: map[string]string{"X-Forwarded-For": "127.0.0.1"}},
		{name: "hidden by Connection", send: []string{"X-Forwarded-For: 1.1.1.1", "Connection: X-Forwarded-For, X-Forwarded-Proto"},
			want: map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}},
		{name: "hidden by Connection from a trusted proxy", trust: []string{"127.0.0.1/32"},
			send: []string{"X-Forwarded-For: 1.1.1.1", "X-Forwarded-Proto: https", "Connection: X-Forwarded-For, X-Forwarded-Proto"},
			want: map[string]string{"X-Forwarded-For": "1.1.1.1, 127.0.0.1", "X-Forwarded-Proto": "https"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var trust clientip.Trust
			for _, text := range tt.trust {
				trust = append(trust, netip.MustParsePrefix(text))
			}
			requests := make(chan *http.Request, 1)
			s := front(t, seen(requests), func(s *settings) { s.Trust = trust })
			_, r := raw(t, s.Addr, "GET /auth/v1/x HTTP/1.1\r\nHost: h\r\n"+strings.Join(append(tt.send, ""), "\r\n")+"\r\n")
			answer(t, r, "GET")
			got := <-requests
			for _, want := range []map[string]string{tt.want, never} {
				for _, name := range slices.Sorted(maps.Keys(want)) {
					same(t, name, strings.Join(got.Header[name], " | "), want[name])
				}
			}
		})
	}
}

// Sign-in counts attempts by the client's address in a header that it is sent.
func TestAuthIsToldTheClient(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 1)
	s := front(t, seen(requests), func(s *settings) {
		s.TellAuth, s.Trust = true, clientip.Trust{netip.MustParsePrefix("127.0.0.0/8")}
	})
	for path, want := range map[string]string{"/auth/v1/token": "203.0.113.9", "/storage/v1/x": ""} {
		get(t, s.URL+path, "Sb-Forwarded-For: 4.4.4.4", "X-Forwarded-For: 1.1.1.1, 203.0.113.9")
		same(t, path, (<-requests).Header.Get("Sb-Forwarded-For"), want)
	}
}

func TestAnswerArrivesUntouched(t *testing.T) {
	t.Parallel()
	const reply = "HTTP/1.1 429 Slow Down Please\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nServer: kong/2\r\nContent-Type: application/json\r\n" +
		"Set-Cookie: a=1; Path=/\r\nSet-Cookie: a=2; Path=/x; HttpOnly\r\nContent-Encoding: gzip\r\nX-Request-Id: theirs\r\nVary: Origin\r\nVary: Accept\r\n" +
		"Location: http://elsewhere/x\r\nWWW-Authenticate: Bearer\r\nX-Private: p\r\nKeep-Alive: timeout=5\r\nConnection: X-Private, keep-alive\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x00\xff"
	s := start(t, "http://"+scripted(t, reply))
	c, r := raw(t, s.Addr, "GET /auth/v1/x HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n")
	res, body := answer(t, r, "GET")
	same(t, "status", res.Status, "429 Slow Down Please")
	same(t, "body", body, "\x1f\x8b\x00\xff")
	want := http.Header{
		"Date": {"Mon, 01 Jan 2024 00:00:00 GMT"}, "Server": {"kong/2"}, "Content-Type": {"application/json"}, "Content-Length": {"4"},
		"Set-Cookie": {"a=1; Path=/", "a=2; Path=/x; HttpOnly"}, "Content-Encoding": {"gzip"}, "X-Request-Id": {"theirs"},
		"Vary": {"Origin", "Accept"}, "Location": {"http://elsewhere/x"}, "Www-Authenticate": {"Bearer"},
	}
	if diff := cmp.Diff(want, res.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if _, err := io.WriteString(c, "GET /security_incidents HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_, body = answer(t, r, "GET")
	same(t, "on the same connection", body, "engine GET /security_incidents ")
}

// The edge's CORS headers help only where the upstream has none.
func TestCORSIsNotDoubled(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/functions/v1/own" {
			w.Header().Set("Access-Control-Allow-Origin", "https://app")
			w.Header().Set("Access-Control-Expose-Headers", "X-Own")
		}
	}, func(s *settings) { s.server.Settings.CORSOrigins = []string{"https://app"} })
	res, _ := get(t, s.URL+"/functions/v1/own", "Origin: https://app")
	same(t, "origin", strings.Join(res.Header["Access-Control-Allow-Origin"], "|"), "https://app")
	same(t, "exposed", strings.Join(res.Header["Access-Control-Expose-Headers"], "|"), "X-Own")
	same(t, "credentials", len(res.Header["Access-Control-Allow-Credentials"]), 0)

	res, _ = get(t, s.URL+"/functions/v1/none", "Origin: https://app")
	same(t, "origin", strings.Join(res.Header["Access-Control-Allow-Origin"], "|"), "https://app")
	same(t, "request ids", len(res.Header["X-Request-Id"]), 1)

	res, _ = do(t, client(t), request(t, "OPTIONS", s.URL+"/functions/v1/x", nil, "Origin: https://app", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-client-info"))
	same(t, "preflight", res.Header.Get("Access-Control-Allow-Origin"), "https://app")
	same(t, "preflight keeps the connection", res.Close, false)
}

func TestAnswersWithoutABody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, reply string
		status              int
		length              string // Content-Length; "" = none
	}{
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", 200, "1234"},
		{"HEAD, chunked", "HEAD", "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nContent-Range: 0-9/100\r\n\r\n", 206, ""},
		{"HEAD of nothing", "HEAD", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "0"},
		{"204", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		{"204 with a length", "DELETE", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, ""},
		{"304", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 1234\r\n\r\n", 304, "1234"},
		{"empty", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "0"},
		{"early hints", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "http://"+scripted(t, tt.reply))
			_, r := raw(t, s.Addr, tt.method+" /storage/v1/x HTTP/1.1\r\nHost: h\r\n\r\nGET /security_incidents HTTP/1.1\r\nHost: h\r\n\r\n")
			res, body := answer(t, r, tt.method)
			same(t, "status", res.StatusCode, tt.status)
			same(t, "length", res.Header.Get("Content-Length"), tt.length)
			same(t, "body", body, "")
			_, body = answer(t, r, "GET")
			same(t, "the next answer", body, "engine GET /security_incidents ")
		})
	}
}

func TestRedirectsAreTheClients(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://accounts.example/authorize?x=1", http.StatusFound)
	})
	res, _ := get(t, s.URL+"/auth/v1/authorize?provider=google")
	same(t, "status", res.StatusCode, http.StatusFound)
	same(t, "location", res.Header.Get("Location"), "https://accounts.example/authorize?x=1")
}

// A gateway whose upstream is itself, or another one before it, says so.
func TestLoop(t *testing.T) {
	t.Parallel()
	address, listen := reserve(t)
	second := start(t, "http://"+address)
	proxy := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Scheme, r.URL.Host, r.RequestURI = "http", second.Addr, ""
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.WriteHeader(res.StatusCode)
		io.Copy(w, res.Body)
	})}
	go proxy.Serve(listen())
	t.Cleanup(func() { proxy.Close() })
	res, body := get(t, second.URL+"/auth/v1/x")
	same(t, "status", res.StatusCode, http.StatusLoopDetected)
	has(t, body, `"code":"ROM508"`, "SUPABASE_URL")
}
