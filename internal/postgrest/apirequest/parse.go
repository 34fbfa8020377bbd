package apirequest

import "github.com/romashka/sidecar/internal/postgrest/apierr"

func parse(Raw, Options) (*Request, error) { return nil, apierr.NotBuilt("apirequest") }

func (p Preferences) applied() string { return "" }

func contentRange(Range, int64, *int64) (int, string) { return 200, "" }

func formatContentRange(int64, int64, *int64) string { return "" }
