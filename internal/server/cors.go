package server

import (
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
)

const (
	// exposedHeaders are the response headers that a browser's script may read.
	// Source: PostgREST 16, Cors module.
	exposedHeaders = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit"
	corsMethods    = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"
	corsMaxAge     = "86400" // seconds
)

// cors sets the CORS headers of an answer. It reports true when the request
// was a preflight: then the answer is complete.
//
// As in PostgREST, what the policy does not allow is served without CORS
// headers, so that the browser refuses it, and an OPTIONS request that is no
// preflight is the engine's. With a list of origins credentials are allowed.
func cors(origins []string, expose string, req *fasthttp.RequestHeader, res *fasthttp.ResponseHeader) (preflight bool) {
	origin := string(req.Peek("Origin"))
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

// allowHeaders allows what was asked for, beside what is always allowed.
func allowHeaders(asked string) string {
	names := []string{"Authorization"}
	for name := range strings.SplitSeq(asked, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	names = append(names, "Accept", "Accept-Language", "Content-Language")
	return strings.Join(names, ", ")
}
