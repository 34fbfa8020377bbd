package series

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// countries are the calendars that the library has, by ISO 3166 code. A country
// of several calendars has the days that all of them share. Read-only.
var countries = map[string][][]*cal.Holiday{
	"AR": {ar.Holidays}, "AT": {at.Holidays}, "BE": {be.Holidays}, "BG": {bg.Holidays}, "BR": {br.Holidays},
	"CA": {ca.Holidays}, "CH": {ch.Holidays}, "CZ": {cz.Holidays}, "DE": {de.Holidays}, "DK": {dk.Holidays},
	"ES": {es.Holidays}, "FR": {fr.Holidays}, "GB": {gb.Holidays}, "GR": {gr.Holidays}, "HR": {hr.Holidays},
	"IE": {ie.Holidays}, "IT": {it.Holidays}, "JP": {jp.Holidays}, "LT": {lt.Holidays}, "LV": {lv.Holidays},
	"MW": {mw.Holidays}, "NC": {nc.Holidays}, "NL": {nl.Holidays}, "NO": {no.Holidays}, "NZ": {nz.Holidays},
	"PL": {pl.Holidays}, "RO": {ro.Holidays}, "RU": {ru.Holidays}, "SE": {se.Holidays}, "SI": {si.Holidays},
	"SK": {sk.Holidays}, "UA": {ua.Holidays}, "US": {us.Holidays}, "ZA": {za.Holidays},
	"AU": {
		au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD,
		au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA,
	},
}

// Holidays are the public holidays of a country (ISO 3166, two letters) from
// day from to day to, with their names. A holiday that is observed on another
// day than its own is there on both, because customers answer to both.
func Holidays(country string, span Span) (map[Step]string, error) {
	regions, ok := countries[strings.ToUpper(country)]
	if !ok {
		known := make([]string, 0, len(countries))
		for code := range countries {
			known = append(known, code)
		}
		slices.Sort(known)
		return nil, fmt.Errorf("holidays of %q are not known: want one of %s", shortened(country), strings.Join(known, " "))
	}
	first, last := Daily.moment(span.From).Year(), Daily.moment(span.To).Year()
	days := datesOf(regions[0], first, last)
	for _, region := range regions[1:] {
		also := datesOf(region, first, last)
		for day := range days {
			if _, ok := also[day]; !ok {
				delete(days, day)
			}
		}
	}
	for day := range days {
		if day < span.From || day > span.To {
			delete(days, day)
		}
	}
	return days, nil
}

// datesOf are the days of the holidays from year first to year last, those
// included that the years beside them put there.
func datesOf(holidays []*cal.Holiday, first, last int) map[Step]string {
	days := map[Step]string{}
	for year := first - 1; year <= last+1; year++ {
		for _, h := range holidays {
			actual, observed := h.Calc(year)
			for _, t := range []time.Time{actual, observed} {
				if !t.IsZero() && days[Daily.StepOf(t)] == "" {
					days[Daily.StepOf(t)] = h.Name
				}
			}
		}
	}
	return days
}
