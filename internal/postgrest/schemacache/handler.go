package schemacache

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// HandlerKind says who turns rows into a body.
type HandlerKind uint8

// The handlers. All but HandlerCustom are built in and give way to a custom one.
const (
	HandlerJSON HandlerKind = iota
	HandlerCSV
	HandlerGeoJSON
	HandlerCustom
)

// AnyMedia is the media type of a handler that answers every Accept.
const AnyMedia = "*/*"

// Handler makes the body for one media type.
type Handler struct {
	Kind HandlerKind
	// Function is the aggregate of a HandlerCustom. For a function that
	// returns the media type itself it is the name of that domain.
	Function ident.Qualified
	// Target is the relation, or function, that the handler is for.
	Target ident.Qualified
	// AnyElement: Function takes any relation; Target is then empty.
	AnyElement bool
	// MediaType is the Content-Type to answer: the one asked for, save for
	// "*/*", which resolves to a concrete one.
	MediaType string
}

// Handler finds the handler made for rel (a relation, or a function that
// returns a media type domain) and a media type, in lower case without
// parameters, or [AnyMedia].
func (c *Cache) Handler(rel ident.Qualified, mediaType string) (Handler, bool) {
	h, ok := c.handlers[handlerKey{rel, mediaType}]
	return h, ok
}

// AnyHandler finds the handler of a media type for relations that have none of their own.
func (c *Cache) AnyHandler(mediaType string) (Handler, bool) {
	return c.Handler(ident.Qualified{}, mediaType)
}

// handlerKey has the zero name for handlers of any relation.
type handlerKey struct {
	rel       ident.Qualified
	mediaType string
}

// buildHandlers lays custom handlers over the built-in ones.
func buildHandlers(custom []CustomHandler) map[handlerKey]Handler {
	handlers := map[handlerKey]Handler{
		{mediaType: AnyMedia}:               {Kind: HandlerJSON, AnyElement: true, MediaType: "application/json"},
		{mediaType: "application/json"}:     {Kind: HandlerJSON, AnyElement: true, MediaType: "application/json"},
		{mediaType: "text/csv"}:             {Kind: HandlerCSV, AnyElement: true, MediaType: "text/csv"},
		{mediaType: "application/geo+json"}: {Kind: HandlerGeoJSON, AnyElement: true, MediaType: "application/geo+json"},
	}
	anyElement := ident.Qualified{Schema: "pg_catalog", Name: "anyelement"}
	for _, h := range custom {
		handler := Handler{Kind: HandlerCustom, Function: h.Function, Target: h.Target, MediaType: canonicalMedia(h.Resolved)}
		if h.Target == anyElement {
			handler.Target, handler.AnyElement = ident.Qualified{}, true
		}
		handlers[handlerKey{handler.Target, canonicalMedia(h.MediaType)}] = handler
	}
	return handlers
}

// canonicalMedia maps the spellings of PostgREST's own media types to one.
// Others keep their case: they are answered as the database spells them.
func canonicalMedia(name string) string {
	switch lower := strings.ToLower(name); lower {
	case "application/json", "application/geo+json", "text/csv", "text/plain", "text/xml",
		"application/openapi+json", "application/x-www-form-urlencoded", "application/octet-stream",
		"application/vnd.pgrst.object+json":
		return lower
	case "application/vnd.pgrst.object":
		return "application/vnd.pgrst.object+json"
	case "application/vnd.pgrst.array", "application/vnd.pgrst.array+json": // without nulls=stripped they are plain JSON
		return "application/json"
	default:
		return name
	}
}
