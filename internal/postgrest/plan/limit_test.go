package plan_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	two := plan.Options{Limits: plan.Limits{Depth: 2, Embeds: 3, Columns: 6, JSONSteps: 4, Filters: 3}}
	for _, tt := range []struct {
		name, query string
		o           plan.Options
		wantCode    string
	}{
		{name: "as deep as allowed", query: "select=boss(boss(name))", o: two},
		{name: "too deep", query: "select=name,boss(boss(name,boss(name)))", o: two, wantCode: apierr.CodeSelectTooDeep},
		{name: "side by side is not deep", query: "select=a:boss(name),b:boss(name),c:boss(name)", o: two},
		{name: "spreads count", query: "select=...boss(...boss(...boss(name)))", o: two, wantCode: apierr.CodeSelectTooDeep},
		{name: "as many filters as allowed", query: "id=eq.1&name=in.(1,2,3,4,5,6)&id=gt.1", o: two},
		{name: "too many filters", query: "id=eq.1&id=eq.2&id=eq.3&id=eq.4", o: two, wantCode: apierr.CodeTooManyFilters},
		{name: "conditions in logic trees count", query: "id=eq.1&or=(id.eq.2,and(id.eq.3,name.eq.x))", o: two, wantCode: apierr.CodeTooManyFilters},
		{name: "too many embeds, at all levels", query: "select=a:boss(boss(name)),b:boss(name),c:boss(name)", o: two, wantCode: apierr.CodeTooManyEmbeds},
		{name: "too many empty embeds", query: "select=a:boss(),b:boss(),c:boss(),d:boss()", o: two, wantCode: apierr.CodeTooManyEmbeds},
		{name: "as many columns as allowed", query: "select=id,id,name,boss(name)&order=id,name", o: two},
		{name: "too many columns", query: "select=id,id,id,id,id,id,id", o: two, wantCode: apierr.CodeTooManyColumns},
		{name: "too many columns, those of embeds among them", query: "select=id,id,id,id,a:boss(id,id,id)", o: two, wantCode: apierr.CodeTooManyColumns},
		{name: "too many terms of order", query: "order=id,id,id,id,id,id", o: two, wantCode: apierr.CodeTooManyColumns},
		{name: "as many steps as allowed", query: "select=name->a->b&name->a->>b=eq.1", o: two},
		{name: "too many steps in one path", query: "select=name->a->b->c->d->e", o: two, wantCode: apierr.CodeTooManyJSONSteps},
		{name: "too many steps in all", query: "select=name->a->b&name->>c=eq.1&or=(name->>d.eq.1,id.eq.1)&order=name->a", o: two, wantCode: apierr.CodeTooManyJSONSteps},
		{name: "no limits", query: "select=boss(boss(boss(boss(name))))&or=(" + strings.Repeat("id.eq.1,", 500) + "id.eq.2)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := apirequest.Parse(apirequest.Raw{Method: "GET", Path: "/people", RawQuery: tt.query}, apirequest.Options{Schemas: []string{"api"}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := plan.Build(tt.o, req, schemaCache()); apierr.CodeOf(err) != tt.wantCode {
				t.Errorf("%v, want %q", err, tt.wantCode)
			}
		})
	}
}
