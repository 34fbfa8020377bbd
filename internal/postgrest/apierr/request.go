package apierr

import (
	"strconv"
	"strings"
)

// The PGRST1xx errors: the request, or the thing that it asks for, is refused.

// QueryParam is PGRST100: a query parameter does not parse. The texts are the
// parser's.
func QueryParam(message, details string) *Error {
	return &Error{Status: 400, Code: "PGRST100", Message: message, Details: Text(details)}
}

// InvalidRPCMethod is PGRST101: functions answer GET, HEAD, POST and OPTIONS.
func InvalidRPCMethod(method string) *Error {
	return &Error{Status: 405, Code: "PGRST101", Message: "Cannot use the " + method + " method on RPC"}
}

// InvalidBody is PGRST102: the body does not parse, or its type is not taken.
func InvalidBody(message string) *Error {
	return &Error{Status: 400, Code: "PGRST102", Message: message}
}

func invalidRange(details string) *Error {
	return &Error{Status: 416, Code: "PGRST103", Message: "Requested range not satisfiable", Details: Text(details)}
}

// NegativeLimit is PGRST103 for a limit that leaves no row.
func NegativeLimit() *Error {
	return invalidRange("Limit should be greater than or equal to zero.")
}

// RangeLowerAboveUpper is PGRST103 for a Range header such as "5-2".
func RangeLowerAboveUpper() *Error {
	return invalidRange("The lower boundary must be lower than or equal to the upper boundary in the Range header.")
}

// RangeOutOfBounds is PGRST103 for an offset behind the last row. Both numbers
// are decimal text, because an offset has no size limit.
func RangeOutOfBounds(offset, total string) *Error {
	return invalidRange("An offset of " + offset + " was requested, but there are only " + total + " rows.")
}

// InvalidFilters is PGRST105: a PUT must name the primary key, and only it.
func InvalidFilters() *Error {
	return &Error{Status: 405, Code: "PGRST105", Message: "Filters must include all and only primary key columns with 'eq' operators"}
}

// UnacceptableSchema is PGRST106: the profile header names a schema that is
// not exposed.
func UnacceptableSchema(schema string, exposed []string) *Error {
	return &Error{
		Status: 406, Code: "PGRST106", Message: "Invalid schema: " + schema,
		Hint: Text("Only the following schemas are exposed: " + strings.Join(exposed, ", ")),
	}
}

// MediaType is PGRST107: no accepted media type can be produced.
func MediaType(accepted []string) *Error {
	return &Error{Status: 406, Code: "PGRST107", Message: "None of these media types are available: " + strings.Join(accepted, ", ")}
}

// NotEmbedded is PGRST108: a filter, order or limit names a resource that
// select does not embed.
func NotEmbedded(resource string) *Error {
	return &Error{
		Status: 400, Code: "PGRST108", Message: "'" + resource + "' is not an embedded resource in this request",
		Hint: Text("Verify that '" + resource + "' is included in the 'select' query parameter."),
	}
}

// NotEmbeddedByName is PGRST108 for a resource that is embedded under an
// alias and named by its own name.
func NotEmbeddedByName(resource, name, alias string) *Error {
	return &Error{
		Status: 400, Code: "PGRST108", Message: "'" + resource + "' is not an embedded resource in this request",
		Details: Text("Target names are not allowed in filters if they have an alias"),
		Hint:    Text("Change '" + name + "' to '" + alias + "' in filters, orders or limits."),
	}
}

// GUCHeaders is PGRST111: the response.headers setting is malformed.
func GUCHeaders() *Error {
	return &Error{Status: 500, Code: "PGRST111", Message: "response.headers guc must be a JSON array composed of objects with a single key and a string value"}
}

// GUCStatus is PGRST112: the response.status setting is no status.
func GUCStatus() *Error {
	return &Error{Status: 500, Code: "PGRST112", Message: "response.status guc must be a valid status code"}
}

// PutLimitNotAllowed is PGRST114.
func PutLimitNotAllowed() *Error {
	return &Error{Status: 400, Code: "PGRST114", Message: "limit/offset querystring parameters are not allowed for PUT"}
}

// PutMatchingPK is PGRST115: the body of a PUT is another row than its URL's.
func PutMatchingPK() *Error {
	return &Error{Status: 400, Code: "PGRST115", Message: "Payload values do not match URL in primary key column(s)"}
}

// Singularity is PGRST116: one object was asked for, and rows is not 1.
func Singularity(rows int64) *Error {
	return &Error{
		Status: 406, Code: "PGRST116", Message: "Cannot coerce the result to a single JSON object",
		Details: Text("The result contains " + strconv.FormatInt(rows, 10) + " rows"),
	}
}

// UnsupportedMethod is PGRST117.
func UnsupportedMethod(method string) *Error {
	return &Error{Status: 405, Code: "PGRST117", Message: "Unsupported HTTP method: " + method}
}

// RelatedOrderNotToOne is PGRST118: rows of origin have several of target.
func RelatedOrderNotToOne(origin, target string) *Error {
	return &Error{
		Status: 400, Code: "PGRST118", Message: "A related order on '" + target + "' is not possible",
		Details: Text("'" + origin + "' and '" + target + "' do not form a many-to-one or one-to-one relationship"),
	}
}

// InvalidPreferences is PGRST122: handling=strict and unknown preferences.
func InvalidPreferences(preferences []string) *Error {
	return &Error{
		Status: 400, Code: "PGRST122", Message: "Invalid preferences given with handling=strict",
		Details: Text("Invalid preferences: " + strings.Join(preferences, ", ")),
	}
}

// AggregatesNotAllowed is PGRST123.
func AggregatesNotAllowed() *Error {
	return &Error{Status: 400, Code: "PGRST123", Message: "Use of aggregate functions is not allowed"}
}

// MaxAffected is PGRST124: more rows changed than the preference allows.
func MaxAffected(rows int64) *Error {
	return &Error{
		Status: 400, Code: "PGRST124", Message: "Query result exceeds max-affected preference constraint",
		Details: Text("The query affects " + strconv.FormatInt(rows, 10) + " rows"),
	}
}

// InvalidPath is PGRST125: the path is no resource's.
func InvalidPath() *Error {
	return &Error{Status: 404, Code: "PGRST125", Message: "Invalid path specified in request URL"}
}

// OpenAPIDisabled is PGRST126.
func OpenAPIDisabled() *Error {
	return &Error{Status: 404, Code: "PGRST126", Message: "Root endpoint metadata is disabled"}
}

// NotImplemented is PGRST127: PostgREST lacks the feature.
func NotImplemented(details string) *Error {
	return &Error{Status: 400, Code: "PGRST127", Message: "Feature not implemented", Details: Text(details)}
}

// MaxAffectedRPC is PGRST128: max-affected asks for a function that returns rows.
func MaxAffectedRPC() *Error {
	return &Error{Status: 400, Code: "PGRST128", Message: "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"}
}
