package gateway

import (
	"cmp"
	"net/http"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// unreachable is ROM502: the project did not answer, or not in a way that can be
// passed on. details name no address.
func unreachable(details string) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusBadGateway, Code: "ROM502", Message: "The upstream cannot be reached", Details: apierr.Text(details),
	}
}

// circle is ROM508: a request came back to the gateway that sent it on.
func circle() *apierr.Error {
	return &apierr.Error{
		Status: http.StatusLoopDetected, Code: "ROM508", Message: "The request goes in a circle",
		Hint: apierr.Text(SettingURL + " leads back to this server."),
	}
}

// noUpstream is ROM521: the path belongs to the project, and nobody said where
// that is. It is 404, not 501: a request for a part that is not here is no fault
// of this server, and must not count as one.
func noUpstream(hint string) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusNotFound, Code: "ROM521", Message: "No upstream serves this path",
		Details: apierr.Text("The setting " + SettingURL + " is missing."),
		Hint:    apierr.Text(cmp.Or(hint, "Set "+SettingURL+" to the project's URL, such as https://project.supabase.co.")),
	}
}

// late is ROM524: the project began no answer within limit.
func late(limit time.Duration) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusGatewayTimeout, Code: "ROM524", Message: "The upstream took too long",
		Details: apierr.Text("The limit is " + limit.String() + "."),
		Hint:    apierr.Text("The setting " + SettingTimeout + " raises the limit."),
	}
}
