package app

import (
	"context"
	"strings"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/edge/welcome"
	"github.com/romashka/sidecar/internal/postgrest"
)

// buildWelcome makes the page at the API's root. A port that is only PostgREST's has
// none: PostgREST has no page, and a relation may have any name.
func (a *App) buildWelcome(cfg config.Config) (err error) {
	if !cfg.SupabaseMode() {
		return nil
	}
	dashboard := cfg.Dashboard
	if a.dashboard == nil {
		dashboard = ""
	}
	a.welcome, err = welcome.New(welcome.Options{
		API:     func(ctx context.Context, req *postgrest.Request) *postgrest.Response { return a.engine.Serve(ctx, req) },
		Release: a.answers.Give, Role: func() string { return a.settings.Load().DB.AnonRole },
		Root: apiRoot(cfg), Server: cfg.OpenAPI.ServerProxyURI, Version: a.o.Version, Dashboard: dashboard, Dev: a.o.Welcome,
	})
	return err
}

// apiRoot is the longest prefix of the API, which clients use.
func apiRoot(cfg config.Config) (root string) {
	for _, r := range cfg.Server.APIRoots {
		if r = strings.TrimRight(r, "/"); len(r) > len(root) {
			root = r
		}
	}
	return root
}

// welcomeMounts are the page at each root, and the description. A function of
// db-root-spec is the root's own answer, to browsers too.
func (a *App) welcomeMounts(cfg config.Config) (list []server.Mount) {
	if a.welcome == nil {
		return nil
	}
	wanted := func(method, path string, header func(string) string) bool {
		return welcome.Wanted(method, path, header) && a.settings.Load().DB.RootSpec == ""
	}
	pages := &server.Pages{Call: a.welcome.Call, Bearer: func(string) string { return "" }}
	for _, root := range cfg.Server.APIRoots {
		list = append(list, server.Mount{Prefix: strings.TrimRight(root, "/"), Class: "welcome", Pages: pages, Match: wanted})
	}
	whole := func(method, path string, _ func(string) string) bool { return method == "GET" && path == "/" }
	return append(list, server.Mount{Prefix: welcome.DescriptionPath, Class: "rest", Call: a.welcome.Description, Match: whole})
}
