package postgrest

import (
	"context"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// describe answers the root with the OpenAPI description.
func (e *Engine) describe(_ context.Context, _ *Settings, _ *query.Script, _ *apirequest.Request, _ *plan.Plan, _ *schemacache.Cache, _ *laps) (*response.Response, error) {
	return nil, apierr.NotBuilt("the OpenAPI description")
}
