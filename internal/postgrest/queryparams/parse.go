package queryparams

import "github.com/romashka/sidecar/internal/postgrest/apierr"

func parse(raw string, o Options) (*Query, error)   { return nil, apierr.NotBuilt("queryparams") }
func parseSelect(text string) ([]SelectItem, error) { return nil, apierr.NotBuilt("queryparams") }
func parseOrder(text string) ([]OrderTerm, error)   { return nil, apierr.NotBuilt("queryparams") }
func parseOperation(text string) (bool, Operation, error) {
	return false, Operation{}, apierr.NotBuilt("queryparams")
}
func parseLogic(text string) (LogicTree, error)   { return LogicTree{}, apierr.NotBuilt("queryparams") }
func parseRangePath(key string) ([]string, error) { return nil, apierr.NotBuilt("queryparams") }
