package session

import "github.com/mileusna/useragent"

// Device is a user agent in words; "" for a part that is not recognised.
type Device struct {
	Browser string `json:"browser,omitempty"` // "Firefox"
	System  string `json:"os,omitempty"`      // "Windows"
	Kind    string `json:"type,omitempty"`    // "desktop", "mobile", "tablet", "bot"
}

// DeviceOf reads a user agent.
func DeviceOf(agent string) Device {
	ua := useragent.Parse(agent)
	d := Device{Browser: ua.Name, System: ua.OS}
	switch {
	case ua.Bot:
		d.Kind = "bot"
	case ua.Tablet:
		d.Kind = "tablet"
	case ua.Mobile:
		d.Kind = "mobile"
	case ua.Desktop:
		d.Kind = "desktop"
	}
	return d
}
