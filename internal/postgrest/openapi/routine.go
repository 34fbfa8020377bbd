package openapi

import "github.com/romashka/sidecar/internal/postgrest/schemacache"

func routinePath(r *schemacache.Routine) pathItem {
	path := pathItem{Post: routineOperation(r)}
	path.Post.Parameters = []any{
		parameter{Name: "args", Required: true, In: inBody, Schema: argumentSchema(r)},
		toParameter("preferParams"),
	}
	if r.Volatility == schemacache.Volatile {
		return path
	}
	path.Get = routineOperation(r)
	for i := range r.Params {
		path.Get.Parameters = append(path.Get.Parameters, argument(&r.Params[i]))
	}
	return path
}

func routineOperation(r *schemacache.Routine) *operation {
	o := &operation{
		Tags:      []string{"(rpc) " + r.Name.Name},
		Produces:  rowMediaTypes(),
		Responses: map[string]response{"200": {Description: "OK"}},
	}
	o.describe(r.Description)
	return o
}

// argumentSchema describes the arguments as members of a JSON object.
func argumentSchema(r *schemacache.Routine) schema {
	s := schema{Description: r.Description, Type: typeObject}
	for _, p := range r.Params {
		if p.Required {
			s.Required = append(s.Required, p.Name)
		}
		s.Properties.set(p.Name, property{
			Format: format(p.Type), Items: arrayItems(p.Type), Type: jsonType(p.Type),
		})
	}
	return s
}

// argument describes one argument in the query string. Arrays are given there
// as an SQL literal, those of a variadic parameter as one element each time.
func argument(p *schemacache.Param) parameter {
	arg := parameter{Name: p.Name, Required: p.Required, In: inQuery, Type: jsonType(p.Type)}
	if p.Variadic {
		arg.CollectionFormat = "multi"
		arg.Items = &items{Format: format(element(p.Type)), Type: jsonType(element(p.Type))}
	} else {
		arg.Format = format(p.Type)
	}
	if arg.Type == typeAny || arg.Type == typeArray && !p.Variadic {
		arg.Type = typeString
	}
	return arg
}
