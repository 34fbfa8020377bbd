package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// HandlerKind says how rows become a body.
type HandlerKind int

const (
	NoBody     HandlerKind = iota // nothing is to be shown
	JSONArray                     // or the bare value of a scalar routine
	JSONObject                    // exactly one row
	CSV                           // with a line of names
	GeoJSON                       // a FeatureCollection
	NDJSON                        // a JSON text a line
	Custom                        // Function aggregates the rows
)

// Handler turns rows into a body.
type Handler struct {
	Kind          HandlerKind
	NullsStripped bool // of JSON
	Function      ident.Qualified
	// Target is the relation that a Custom function takes; zero for any.
	Target ident.Qualified
}

// negotiate picks the first accepted media type that can be made of rel's
// rows. plain says that the select is the default one: a handler made for a
// relation takes whole rows only.
// Errors: PGRST107.
func (b *builder) negotiate(rel ident.Qualified, plain bool) (Handler, mediatype.Type, error) {
	for _, accepted := range b.request.Accept {
		h, media, ok := b.handlerFor(accepted, rel, plain)
		if ok {
			return b.needed(h), media, nil
		}
	}
	names := make([]string, len(b.request.Accept))
	for i, t := range b.request.Accept {
		names[i] = t.String()
	}
	return Handler{}, mediatype.Type{}, apierr.MediaType(names)
}

// needed drops the handler where no body is sent.
func (b *builder) needed(h Handler) Handler {
	action := b.request.Action
	represent := b.request.Preferences.Representation == apirequest.ReturnRepresentation
	if action.HeadersOnly || action.IsMutation() && !represent {
		return Handler{Kind: NoBody}
	}
	return h
}

func (b *builder) handlerFor(t mediatype.Type, rel ident.Qualified, plain bool) (Handler, mediatype.Type, bool) {
	switch t.Kind {
	case mediatype.Object:
		return Handler{Kind: JSONObject, NullsStripped: t.NullsStripped}, t, true
	case mediatype.ArrayStripped:
		return Handler{Kind: JSONArray, NullsStripped: true}, t, true
	case mediatype.PlanKind:
		if !b.options.PlanMedia {
			return Handler{}, t, false
		}
		h, _, ok := b.handlerFor(t.Plan.For, rel, plain)
		return h, t, ok
	case mediatype.NDJSON:
		if h, media, ok := b.lookup(t, rel, plain); ok {
			return h, media, ok
		}
		return Handler{Kind: NDJSON}, t, true
	default:
		return b.lookup(t, rel, plain)
	}
}

func (b *builder) lookup(t mediatype.Type, rel ident.Qualified, plain bool) (Handler, mediatype.Type, bool) {
	var found schemacache.Handler
	var ok bool
	if plain {
		if found, ok = b.cache.Handler(rel, schemacache.AnyMedia); !ok {
			found, ok = b.cache.Handler(rel, t.String())
		}
	}
	if !ok {
		if found, ok = b.cache.AnyHandler(t.String()); !ok {
			return Handler{}, t, false
		}
		return handler(found, ident.Qualified{}), mediatype.Parse(found.MediaType), true
	}
	return handler(found, rel), mediatype.Parse(found.MediaType), true
}

func handler(h schemacache.Handler, rel ident.Qualified) Handler {
	switch h.Kind {
	case schemacache.HandlerCSV:
		return Handler{Kind: CSV}
	case schemacache.HandlerGeoJSON:
		return Handler{Kind: GeoJSON}
	case schemacache.HandlerCustom:
		if h.AnyElement {
			rel = ident.Qualified{}
		}
		return Handler{Kind: Custom, Function: h.Function, Target: rel}
	case schemacache.HandlerJSON:
		return Handler{Kind: JSONArray}
	default:
		return Handler{Kind: JSONArray}
	}
}
