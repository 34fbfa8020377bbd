package openapi

import (
	"encoding/json"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// The JSON types of OpenAPI. JSON columns may hold any.
const (
	typeAny     = ""
	typeArray   = "array"
	typeBoolean = "boolean"
	typeInteger = "integer"
	typeNumber  = "number"
	typeObject  = "object"
	typeString  = "string"
)

// jsonType is the type in which values of an SQL type travel.
func jsonType(sqlType string) string {
	switch sqlType {
	case "boolean":
		return typeBoolean
	case "smallint", "integer", "bigint":
		return typeInteger
	case "numeric", "real", "double precision":
		return typeNumber
	case "json", "jsonb":
		return typeAny
	}
	if strings.HasSuffix(sqlType, "[]") {
		return typeArray
	}
	return typeString
}

// format is the SQL type itself, save for integers, whose sizes OpenAPI names.
func format(sqlType string) string {
	switch sqlType {
	case "smallint", "integer":
		return "int32"
	case "bigint":
		return "int64"
	default:
		return sqlType
	}
}

// element is the type of an array's elements: the text before "[]".
func element(sqlType string) string {
	const brackets = 2
	return sqlType[:max(0, len(sqlType)-brackets)]
}

// arrayItems describes the elements of an array; nil for other types.
func arrayItems(sqlType string) *items {
	if jsonType(sqlType) != typeArray {
		return nil
	}
	return &items{Type: jsonType(element(sqlType))}
}

// defaultValue is the default as JSON; nil when its expression does not read
// as such. An expression of a string type that is no literal is given as text.
func defaultValue(c *schemacache.Column) json.RawMessage {
	text := c.Default
	if text == "" {
		return nil
	}
	if jsonType(c.Type) == typeString {
		if literal, ok := strings.CutSuffix(text, "::"+c.Type); ok {
			text = strings.Trim(literal, "'")
		}
		text = `"` + text + `"`
	}
	if !json.Valid([]byte(text)) {
		return nil
	}
	return json.RawMessage(text)
}
