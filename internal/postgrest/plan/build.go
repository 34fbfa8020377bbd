package plan

import (
	"fmt"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Build resolves req against c.
//
// Errors are *apierr.Error: PGRST100 (paths of ranges), 105, 107, 108, 118,
// 120, 122, 123, 127, 128 for the request, PGRST200-205 for names that the schema cache
// lacks; and the codes of the limits of o. Source: PostgREST 16, Plan module.
func Build(o Options, req *apirequest.Request, c *schemacache.Cache) (*Plan, error) {
	if err := o.Limits.check(req.Query); err != nil {
		return nil, err
	}
	b := &builder{options: o, request: req, cache: c, schema: req.Schema}
	p := &Plan{Target: req.Action.Target, Schema: req.Schema, HeadersOnly: req.Action.HeadersOnly}
	switch req.Action.Kind {
	case apirequest.ReadRelation:
		return p, b.planRead(p)
	case apirequest.CreateRows, apirequest.UpdateRows, apirequest.UpsertRow, apirequest.DeleteRows:
		return p, b.planWrite(p)
	case apirequest.ReadRoutine, apirequest.CallRoutine:
		return p, b.planCall(p)
	case apirequest.ReadSchema:
		return p, b.planDescribe(p)
	case apirequest.RelationInfo:
		return p, b.planRelationInfo(p)
	case apirequest.RoutineInfo:
		p.Kind = InfoRoutine
		err := b.planCall(p)
		p.Kind = InfoRoutine
		return p, err
	case apirequest.SchemaInfo:
		p.Kind = InfoSchema
		return p, nil
	default:
		return nil, fmt.Errorf("BUG: no plan for the action %v", req.Action.Kind)
	}
}

func (b *builder) planRead(p *Plan) (err error) {
	p.Kind, p.ReadOnly = Read, true
	if _, err = b.relation(p.Target); err != nil {
		return err
	}
	if p.Tree, err = b.tree(p.Target, rootTable); err != nil {
		return err
	}
	if p.Handler, p.Media, err = b.negotiate(p.Target, p.Tree.plain()); err != nil {
		return err
	}
	return b.checkPreferences()
}

func (b *builder) planWrite(p *Plan) error {
	p.Kind = Write
	t, err := b.relation(p.Target)
	if err != nil {
		return err
	}
	if p.Tree, err = b.tree(p.Target, rootSource); err != nil {
		return err
	}
	if p.Mutation, err = b.mutation(t, p.Tree); err != nil {
		return err
	}
	if err := b.checkPreferences(); err != nil {
		return err
	}
	p.Handler, p.Media, err = b.negotiate(p.Target, p.Tree.plain())
	return err
}

func (b *builder) planCall(p *Plan) (err error) {
	p.Kind = Call
	post := b.request.Action.Kind == apirequest.CallRoutine
	sent := b.request.Columns
	if !post {
		sent = paramNames(b.request)
	}
	if p.Routine, err = b.routine(p.Target, sent, b.request.ContentType, post); err != nil {
		return err
	}
	rel := relationOf(p.Routine)
	if p.Tree, err = b.tree(rel, rootSource); err != nil {
		return err
	}
	p.Call = b.call(p.Routine, sent, p.Tree)
	p.ReadOnly = !post || p.Routine.Volatility != schemacache.Volatile
	if p.Handler, p.Media, err = b.negotiate(rel, p.Tree.plain()); err != nil {
		return err
	}
	if err := b.checkPreferences(); err != nil {
		return err
	}
	preferences := b.request.Preferences
	if preferences.HasMaxAffected && preferences.Handling == apirequest.HandlingStrict && p.Routine.Single() {
		return apierr.MaxAffectedRPC()
	}
	return nil
}

func paramNames(r *apirequest.Request) []string {
	names := make([]string, len(r.Query.Params))
	for i, p := range r.Query.Params {
		names[i] = p.Name
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (b *builder) planDescribe(p *Plan) error {
	p.Kind, p.ReadOnly = Describe, true
	p.Media = mediatype.Type{Kind: mediatype.OpenAPI}
	names := make([]string, len(b.request.Accept))
	for i, t := range b.request.Accept {
		switch t.Kind {
		case mediatype.OpenAPI, mediatype.JSON, mediatype.Any:
			return nil
		default:
			names[i] = t.String()
		}
	}
	return apierr.MediaType(names)
}

func (b *builder) planRelationInfo(p *Plan) (err error) {
	p.Kind = InfoRelation
	p.Table, err = b.relation(p.Target)
	return err
}

func (b *builder) relation(name ident.Qualified) (*schemacache.Table, error) {
	t, ok := b.cache.Table(name)
	if !ok {
		return nil, apierr.TableNotFound(name.Schema, name.Name, b.cache.NearTable(name.Schema, name.Name))
	}
	return t, nil
}

func (b *builder) checkPreferences() error {
	p := b.request.Preferences
	if p.Handling == apirequest.HandlingStrict && len(p.Invalid) > 0 {
		return apierr.InvalidPreferences(p.Invalid)
	}
	return nil
}

// plain reports whether the select is the default one, "*" and no embeds.
func (n *Node) plain() bool {
	return len(n.Children) == 0 && len(n.Select) == 1 && n.Select[0].Field.Name == "*"
}
