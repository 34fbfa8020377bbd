package server

import (
	"cmp"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
)

const (
	// exposedHeaders are the response headers that a browser's script may read.
	// Source: PostgREST 16, Cors module.
	exposedHeaders = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit"
	// alsoExposed are the others that answers have, beside a project or with
	// limits: headers that a refused client needs to try again, and to report it.
	alsoExposed = "Allow, Content-Length, Content-Profile, Preference-Applied, Proxy-Status, RateLimit-Limit, RateLimit-Remaining, " +
		"RateLimit-Reset, Retry-After, Server-Timing, Warning, WWW-Authenticate, X-Request-Id"
	corsMethods = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"
	corsMaxAge  = "86400" // seconds
)

// inPlace reports whether the server stands in PostgREST's place with nothing of
// ours: then browsers and caches get the same headers as from PostgREST.
func (s *Server) inPlace() bool { return !s.o.APIKeys && s.o.Limiter == nil }

// exposed are the response headers that browsers may read: a mount's own, or
// PostgREST's, and those of the edge.
func (s *Server) exposed(own string) string {
	list := cmp.Or(own, exposedHeaders)
	if s.inPlace() {
		return list
	}
	return list + ", " + alsoExposed
}

// cors sets the CORS headers of an answer. It reports true when the request
// was a preflight: then the answer is complete.
//
// As in PostgREST, a request that the policy does not allow is served without CORS
// headers, so that the browser refuses it, and an OPTIONS request that is no
// preflight is the engine's. With a list of origins credentials are allowed,
// and answers differ by origin, which Vary says of each of them.
func (s *Server) cors(settings *Settings, expose string, req *fasthttp.RequestHeader, res *fasthttp.ResponseHeader) (preflight bool) {
	origins, origin := settings.CORSOrigins, string(req.Peek("Origin"))
	if len(origins) > 0 && !s.inPlace() {
		addVary(res, "Origin")
	}
	if origin == "" || len(origins) > 0 && !slices.Contains(origins, origin) {
		return false
	}
	options := string(req.Method()) == "OPTIONS"
	if options && !slices.Contains(strings.Split(corsMethods, ", "), string(req.Peek("Access-Control-Request-Method"))) {
		return false
	}
	if len(origins) == 0 {
		res.Set("Access-Control-Allow-Origin", "*")
	} else {
		res.Set("Access-Control-Allow-Origin", origin)
		res.Set("Access-Control-Allow-Credentials", "true")
	}
	if !options {
		if trace := settings.TraceHeader; trace != "" && !strings.EqualFold(trace, headerRequestID) {
			expose += ", " + trace
		}
		res.Set("Access-Control-Expose-Headers", expose)
		return false
	}
	res.Set("Access-Control-Allow-Methods", corsMethods)
	if asked := req.Peek("Access-Control-Request-Headers"); asked != nil {
		res.Set("Access-Control-Allow-Headers", allowHeaders(string(asked)))
	}
	res.Set("Access-Control-Max-Age", corsMaxAge)
	return true
}

// longestAsked is how much of a client's wishes is repeated to it, in bytes.
// Answers whose headers are longer than 4 kB do not pass proxies.
const longestAsked = 2 << 10

// allowHeaders allows the headers asked for, beside those always allowed. A text that
// is no name is not repeated, nor is a list that no client has.
func allowHeaders(asked string) string {
	if len(asked) > longestAsked {
		asked = ""
	}
	names := []string{"Authorization"}
	for name := range strings.SplitSeq(asked, ",") {
		if name = strings.TrimSpace(name); token(name) {
			names = append(names, name)
		}
	}
	names = append(names, "Accept", "Accept-Language", "Content-Language")
	return strings.Join(names, ", ")
}
