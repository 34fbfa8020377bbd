package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Duration is a time.Duration that is written as text: 10m0s.
type Duration time.Duration

// MarshalText writes d as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads the form of time.ParseDuration; it must be positive.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v <= 0 {
		return fmt.Errorf("%q is not a positive duration such as 10m or 12h", text)
	}
	*d = Duration(v)
	return nil
}

func (d Duration) of() time.Duration { return time.Duration(d) }

// Thresholds are the figures of the rules. Counts are rows; a window is the time
// in which they must lie. The names are those of the key `detection` of
// system_settings.
type Thresholds struct {
	BruteForce struct {
		Window     Duration `json:"window"`
		Low        int      `json:"low"`
		Medium     int      `json:"medium"`
		HighWindow Duration `json:"high_window"`
		High       int      `json:"high"`
		SlowWindow Duration `json:"slow_window"`
		SlowLow    int      `json:"slow_low"`
		SlowMedium int      `json:"slow_medium"`
	} `json:"auth.bruteforce.ip"`
	Spray struct {
		Window     Duration `json:"window"`
		Count      int      `json:"count"`
		Networks   int      `json:"networks"`
		Factor     float64  `json:"factor"`
		PerNetwork int      `json:"per_network"`
	} `json:"auth.spray.distributed"`
	SuccessAfterFail struct {
		Window     Duration `json:"window"`
		Count      int      `json:"count"`
		SlowWindow Duration `json:"slow_window"`
		SlowCount  int      `json:"slow_count"`
	} `json:"auth.success_after_fail"`
	NewDevice struct {
		Unseen   Duration `json:"unseen"`
		Age      Duration `json:"age"`
		Sessions int      `json:"sessions"`
	} `json:"session.new_device"`
	Travel struct {
		Distance  float64  `json:"km"`
		Speed     float64  `json:"km_per_hour"`
		Countries Duration `json:"countries_window"`
		Back      Duration `json:"back_window"`
	} `json:"session.impossible_travel"`
	Replay struct {
		Window     Duration `json:"window"`
		SlowWindow Duration `json:"slow_window"`
	} `json:"session.token_replay"`
	Concurrent struct {
		Window Duration `json:"window"`
		Medium int      `json:"medium"`
		High   int      `json:"high"`
		New    int      `json:"new_networks"`
	} `json:"session.concurrent"`
	CodeGuess struct {
		Window     Duration `json:"window"`
		Medium     int      `json:"medium"`
		High       int      `json:"high"`
		SlowWindow Duration `json:"slow_window"`
		SlowMedium int      `json:"slow_medium"`
	} `json:"mfa.bruteforce"`
	FactorRemoved struct {
		NewNetwork Duration `json:"new_network"`
		Replaced   Duration `json:"replaced"`
	} `json:"mfa.removed"`
	Enumeration struct {
		Window     Duration `json:"window"`
		Medium     int      `json:"medium"`
		High       int      `json:"high"`
		Share      float64  `json:"share"`
		Certain    int      `json:"certain"`
		SlowWindow Duration `json:"slow_window"`
		SlowMedium int      `json:"slow_medium"`
		SlowShare  float64  `json:"slow_share"`
	} `json:"api.enumeration"`
	Payload struct {
		Window     Duration `json:"window"`
		High       int      `json:"high"`
		SlowWindow Duration `json:"slow_window"`
		SlowMedium int      `json:"slow_medium"`
	} `json:"api.attack_tool_or_payload"`
	Abuse struct {
		Window     Duration `json:"window"`
		Low        int      `json:"low"`
		Medium     int      `json:"medium"`
		SlowWindow Duration `json:"slow_window"`
		SlowMedium int      `json:"slow_medium"`
		Burst      int      `json:"burst"`
		Factor     float64  `json:"factor"`
	} `json:"api.abuse"`
	Forbidden struct {
		Window        Duration `json:"window"`
		Endpoints     int      `json:"endpoints"`
		Hits          int      `json:"hits"`
		SlowWindow    Duration `json:"slow_window"`
		SlowEndpoints int      `json:"slow_endpoints"`
	} `json:"api.forbidden_probe"`
	Exfiltration struct {
		Bytes     int64   `json:"bytes"`
		Factor    float64 `json:"factor"`
		SlowBytes int64   `json:"slow_bytes"`
	} `json:"data.exfiltration"`
	Dormant struct {
		After Duration `json:"after"`
	} `json:"account.dormant_login"`
	Errors struct {
		Window Duration `json:"window"`
		Low    int      `json:"low"`
		Share  float64  `json:"share"`
		Least  int      `json:"least"`
	} `json:"server.error_spike"`
}

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// Defaults are the thresholds of the table of rules; those that begin with slow,
// and the shares, are of rules.md, measured on simulated worlds and real logs.
func Defaults() Thresholds {
	var t Thresholds
	t.BruteForce.Window, t.BruteForce.Low, t.BruteForce.Medium = Duration(10*minute), 5, 10
	t.BruteForce.HighWindow, t.BruteForce.High = Duration(5*minute), 30
	t.BruteForce.SlowWindow, t.BruteForce.SlowLow, t.BruteForce.SlowMedium = Duration(6*hour), 15, 40
	t.Spray.Window, t.Spray.Count, t.Spray.Networks, t.Spray.Factor, t.Spray.PerNetwork = Duration(15*minute), 25, 5, 5, 8
	t.SuccessAfterFail.Window, t.SuccessAfterFail.Count = Duration(15*minute), 5
	t.SuccessAfterFail.SlowWindow, t.SuccessAfterFail.SlowCount = Duration(6*hour), 10
	t.NewDevice.Unseen, t.NewDevice.Age, t.NewDevice.Sessions = Duration(30*day), Duration(7*day), 3
	t.Travel.Distance, t.Travel.Speed, t.Travel.Countries, t.Travel.Back = 500, 800, Duration(30*minute), Duration(hour)
	t.Replay.Window, t.Replay.SlowWindow = Duration(10*minute), Duration(24*hour)
	t.Concurrent.Window, t.Concurrent.Medium, t.Concurrent.High, t.Concurrent.New = Duration(35*minute), 3, 5, 2
	t.CodeGuess.Window, t.CodeGuess.Medium, t.CodeGuess.High = Duration(10*minute), 5, 20
	t.CodeGuess.SlowWindow, t.CodeGuess.SlowMedium = Duration(24*hour), 15
	t.FactorRemoved.NewNetwork, t.FactorRemoved.Replaced = Duration(24*hour), Duration(hour)
	t.Enumeration.Window, t.Enumeration.Medium, t.Enumeration.High = Duration(5*minute), 15, 100
	t.Enumeration.Share, t.Enumeration.Certain = 0.45, 40
	t.Enumeration.SlowWindow, t.Enumeration.SlowMedium, t.Enumeration.SlowShare = Duration(3*hour), 40, 0.6
	t.Payload.Window, t.Payload.High, t.Payload.SlowWindow, t.Payload.SlowMedium = Duration(5*minute), 3, Duration(6*hour), 5
	t.Abuse.Window, t.Abuse.Low, t.Abuse.Medium = Duration(5*minute), 10, 50
	t.Abuse.SlowWindow, t.Abuse.SlowMedium, t.Abuse.Burst, t.Abuse.Factor = Duration(hour), 200, 300, 5
	t.Forbidden.Window, t.Forbidden.Endpoints, t.Forbidden.Hits = Duration(10*minute), 5, 10
	t.Forbidden.SlowWindow, t.Forbidden.SlowEndpoints = Duration(12*hour), 8
	t.Exfiltration.Bytes, t.Exfiltration.Factor, t.Exfiltration.SlowBytes = 50_000_000, 10, 75_000_000
	t.Dormant.After = Duration(90 * day)
	t.Errors.Window, t.Errors.Low, t.Errors.Share, t.Errors.Least = Duration(10*minute), 10, 0.05, 200
	return t
}

// Parse lays a tenant's settings, a JSON object by rule and name, over the
// defaults. Unknown names and figures that are not positive are errors; then the
// defaults hold.
func (t Thresholds) Parse(text []byte) (Thresholds, error) {
	set := t
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&set); err != nil {
		return t, fmt.Errorf("thresholds: %w", err)
	}
	if decoder.More() {
		return t, errors.New("thresholds: more than one value")
	}
	if err := positive(reflect.ValueOf(set), ""); err != nil {
		return t, err
	}
	return set, nil
}

// longest bounds a window that a tenant sets: state is kept as long.
const longest = 400 * day

func positive(v reflect.Value, name string) error {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if err := positive(v.Field(i), name+" "+v.Type().Field(i).Tag.Get("json")); err != nil {
				return err
			}
		}
	case reflect.Int, reflect.Int64:
		if n := v.Int(); n <= 0 || v.Type() == reflect.TypeFor[Duration]() && time.Duration(n) > longest {
			return fmt.Errorf("thresholds:%s is %v; it must be positive, a window at most %v", name, v.Interface(), longest)
		}
	case reflect.Float64:
		if v.Float() <= 0 {
			return fmt.Errorf("thresholds:%s is %v; it must be positive", name, v.Float())
		}
	default:
		return fmt.Errorf("thresholds:%s cannot be set", name)
	}
	return nil
}
