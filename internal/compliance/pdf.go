package compliance

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
)

// Sizes of the sheet, in millimetres and points.
const (
	sheetMargin = 18.0
	sheetWidth  = 210 - 2*sheetMargin
	small       = 8.0
	normal      = 9.5
)

// sheet writes a report as PDF. Its fonts are embedded and have Latin, Greek and
// Cyrillic letters.
type sheet struct{ *fpdf.Fpdf }

// WritePDF writes a report as PDF (A4). Its sum is that of [WriteReport].
func WritePDF(w io.Writer, r Report) error {
	p := r.page()
	s := sheet{fpdf.New("P", "mm", "A4", "")}
	s.begin(p)
	s.summary(p)
	s.findings(p)
	s.basis(p)
	s.since(p)
	for _, of := range p.Sections {
		s.framework(of)
	}
	s.AddPage()
	s.heading("Evidence")
	for _, c := range p.Checks {
		s.check(c)
	}
	s.end(p)
	var b bytes.Buffer
	if err := s.Output(&b); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	text := strings.TrimRight(b.String(), "\n") + "\n"
	if _, err := io.WriteString(w, text+seal(text, sealedPDF)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (s sheet) begin(p page) {
	s.AddUTF8FontFromBytes("text", "", goregular.TTF)
	s.AddUTF8FontFromBytes("text", "B", gobold.TTF)
	s.AddUTF8FontFromBytes("code", "", gomono.TTF)
	s.SetTitle("Compliance report of "+p.Database+", "+p.At.Format("2006-01-02"), true)
	s.SetCreator("romashka compliance report", true)
	s.SetCreationDate(p.At)
	s.SetModificationDate(p.At)
	s.SetMargins(sheetMargin, sheetMargin, sheetMargin)
	s.SetAutoPageBreak(true, sheetMargin+4)
	s.AliasNbPages("")
	s.SetFooterFunc(func() {
		s.SetY(-sheetMargin + 2)
		s.font("", small)
		s.grey()
		s.CellFormat(sheetWidth/2, 4, p.Database+", "+p.At.Format("2006-01-02 15:04")+" UTC", "", 0, "L", false, 0, "")
		s.CellFormat(sheetWidth/2, 4, "page "+strconv.Itoa(s.PageNo())+" of {nb}", "", 0, "R", false, 0, "")
		s.black()
	})
	s.AddPage()
	s.font("B", 18)
	s.CellFormat(0, 10, "Compliance report", "", 1, "L", false, 0, "")
	s.line(fmt.Sprintf("Database %s, %s UTC. %s; score %s, by severity.", p.Database, p.At.Format("2006-01-02 15:04"), p.Summary, p.Score))
	s.Ln(1)
	s.line("Each answer is technical evidence for an article. It does not say that anybody complies: what no database can show is listed at the end.")
}

func (s sheet) font(style string, size float64) { s.SetFont("text", style, size) }
func (s sheet) grey()                           { s.SetTextColor(75, 85, 104) }
func (s sheet) black()                          { s.SetTextColor(28, 34, 48) }

func (s sheet) line(text string) {
	s.font("", normal)
	s.MultiCell(0, 4.6, text, "", "L", false)
}

// room begins a new page where less than this is left of one.
func (s sheet) room(height float64) {
	_, sheetHeight := s.GetPageSize()
	if s.GetY()+height > sheetHeight-sheetMargin-4 {
		s.AddPage()
	}
}

func (s sheet) heading(text string) {
	s.room(24)
	s.Ln(5)
	s.font("B", 13)
	s.CellFormat(0, 7, text, "B", 1, "L", false, 0, "")
	s.Bookmark(text, 0, -1)
	s.Ln(2)
}

// column of a table: its head, width, and alignment.
type sheetColumn struct {
	head  string
	width float64
	align string
}

// table writes rows under a head that comes again on each page. A status is shown
// in its colour.
func (s sheet) table(columns []sheetColumn, rows [][]string) {
	head := func() {
		s.font("B", small)
		for _, c := range columns {
			s.CellFormat(c.width, 5.5, c.head, "B", 0, c.align, false, 0, "")
		}
		s.Ln(-1)
	}
	s.room(16)
	head()
	for _, row := range rows {
		s.font("", small)
		height := 1
		for i, c := range columns {
			height = max(height, len(s.split(row[i], c.width-2)))
		}
		page := s.PageNo()
		if s.room(float64(height)*4 + 1.5); s.PageNo() != page {
			head()
			s.font("", small)
		}
		x, y := s.GetXY()
		for i, c := range columns {
			s.colour(row[i])
			s.SetXY(x, y+0.7)
			for _, text := range s.split(row[i], c.width-2) {
				s.SetX(x)
				s.CellFormat(c.width, 4, text, "", 2, c.align, false, 0, "")
			}
			s.black()
			x += c.width
		}
		s.SetXY(sheetMargin, y+float64(height)*4+1.5)
		s.SetDrawColor(221, 226, 236)
		s.Line(sheetMargin, s.GetY(), sheetMargin+sheetWidth, s.GetY())
		s.SetDrawColor(0, 0, 0)
	}
	s.Ln(1)
}

// split breaks a text to a width, long names within.
func (s sheet) split(text string, width float64) (list []string) {
	for _, part := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Fields(part) {
			for s.GetStringWidth(word) > width { // a name of a function, say
				fit := []rune(word)
				for len(fit) > 1 && s.GetStringWidth(string(fit)) > width {
					fit = fit[:len(fit)-1]
				}
				if line != "" {
					list, line = append(list, line), ""
				}
				list, word = append(list, string(fit)), word[len(string(fit)):]
			}
			switch {
			case line == "":
				line = word
			case s.GetStringWidth(line+" "+word) > width:
				list, line = append(list, line), word
			default:
				line += " " + word
			}
		}
		list = append(list, line)
	}
	return list
}

// colour is that of a status; other texts are black.
func (s sheet) colour(status string) {
	switch word, _, _ := strings.Cut(status, ","); word {
	case Passed:
		s.SetTextColor(23, 99, 58)
	case Warning:
		s.SetTextColor(122, 82, 0)
	case Failed:
		s.SetTextColor(161, 29, 29)
	case Error:
		s.SetTextColor(69, 79, 99)
	}
}

func (s sheet) summary(p page) {
	s.heading("Summary")
	var rows [][]string
	for _, of := range p.Sections {
		n := of.Summary
		rows = append(rows, []string{of.Title, strconv.Itoa(n.Passed), strconv.Itoa(n.Warnings), strconv.Itoa(n.Failed), strconv.Itoa(n.Errors), strconv.Itoa(n.Waived)})
	}
	s.table([]sheetColumn{{"framework", 84, "L"}, {"passed", 18, "R"}, {"warning", 18, "R"}, {"failed", 18, "R"}, {"error", 18, "R"}, {"waived", 18, "R"}}, rows)
}

func (s sheet) findings(p page) {
	s.heading("Findings")
	if len(p.Findings) == 0 {
		s.line("None.")
		return
	}
	var rows [][]string
	for _, c := range p.Findings {
		rows = append(rows, []string{c.Check, c.Severity, c.Result(), strconv.Itoa(c.Details.Found), "", c.Title})
	}
	s.table([]sheetColumn{{"check", 52, "L"}, {"severity", 16, "L"}, {"result", 24, "L"}, {"objects", 13, "R"}, {"", 3, "L"}, {"question", 66, "L"}}, rows)
}

func (s sheet) basis(p page) {
	s.heading("Scope and method")
	if b := p.Basis; b.Server != "" {
		s.line(fmt.Sprintf("romashka %s on PostgreSQL %s, as %s. Served schemas: %s. Roles of the API: %s.", b.Tool, b.Server, b.Login, strings.Join(b.Schemas, ", "), strings.Join(b.Roles, ", ")))
	}
	s.list(p.Method, normal)
}

// since writes the changes, twelve months, and waivers.
func (s sheet) since(p page) {
	s.heading("What changed")
	switch {
	case p.Since == nil:
		s.line("No report was written before.")
	case len(p.Changes) == 0:
		s.line("Nothing since the report of " + p.Since.UTC().Format("2006-01-02 15:04") + " UTC.")
	default:
		s.line("Since the report of " + p.Since.UTC().Format("2006-01-02 15:04") + " UTC:")
		var rows [][]string
		for _, c := range p.Changes {
			rows = append(rows, []string{c.Check, c.Before, c.Now})
		}
		s.table([]sheetColumn{{"check", 100, "L"}, {"before", 37, "L"}, {"now", 37, "L"}}, rows)
	}
	s.heading("Twelve months")
	if len(p.History) == 0 {
		s.line("No results are stored.")
	} else {
		var rows [][]string
		for _, m := range p.History {
			rows = append(rows, []string{m.Month, strconv.Itoa(m.Score), strconv.Itoa(m.Passed), strconv.Itoa(m.Warnings), strconv.Itoa(m.Failed), strconv.Itoa(m.Errors), strconv.Itoa(m.Waived)})
		}
		s.table([]sheetColumn{{"month", 54, "L"}, {"score", 20, "R"}, {"passed", 20, "R"}, {"warning", 20, "R"}, {"failed", 20, "R"}, {"error", 20, "R"}, {"waived", 20, "R"}}, rows)
	}
	s.heading("Waivers")
	if len(p.Waivers) == 0 {
		s.line("None.")
		return
	}
	var rows [][]string
	for _, w := range p.Waivers {
		rows = append(rows, []string{w.Check, w.Object, w.Reason, w.Owner, w.Until})
	}
	s.table([]sheetColumn{{"check", 42, "L"}, {"object", 44, "L"}, {"reason", 44, "L"}, {"owner", 24, "L"}, {"until", 20, "L"}}, rows)
}

func (s sheet) framework(of section) {
	s.heading(of.Title)
	var rows [][]string
	for _, l := range of.Lines {
		rows = append(rows, []string{l.Article, l.Check, l.Severity, l.Result()})
	}
	s.table([]sheetColumn{{"article", 64, "L"}, {"check", 64, "L"}, {"severity", 20, "L"}, {"result", 26, "L"}}, rows)
}

func (s sheet) check(c checked) {
	s.room(26)
	s.Ln(3)
	s.font("B", normal)
	s.colour(c.Status)
	s.CellFormat(20, 5, c.Status, "", 0, "L", false, 0, "")
	s.black()
	name := c.Check
	if c.Waived {
		name += " (waived)"
	}
	s.CellFormat(0, 5, name, "", 1, "L", false, 0, "")
	s.line(c.Title)
	s.grey()
	s.font("", small)
	s.MultiCell(0, 3.8, fmt.Sprintf("Evidence for %s. Severity %s; %d objects; statements %s", strings.Join(c.Articles, "; "), c.Severity, c.Details.Found, strings.Join(c.Details.Versions(), " ")), "", "L", false)
	s.black()
	if c.Details.Reason != "" {
		s.line("Not evaluated: " + c.Details.Reason)
	}
	s.list(c.Details.Faults, normal)
	s.list(c.Details.Seen, small)
	if len(c.Remediation) > 0 {
		s.SetFont("code", "", 7.5)
		s.SetFillColor(243, 245, 249)
		for i, part := range c.Remediation {
			if i > 0 {
				s.Ln(0.8)
			}
			for _, text := range s.split(part, sheetWidth-4) {
				s.room(4)
				s.CellFormat(0, 3.7, text, "", 1, "L", true, 0, "")
			}
		}
	}
}

func (s sheet) list(items []string, size float64) {
	for _, item := range items {
		s.font("", size)
		for i, text := range s.split(item, sheetWidth-6) {
			s.room(5)
			mark := "•"
			if i > 0 {
				mark = ""
			}
			s.CellFormat(4, 4.2, mark, "", 0, "R", false, 0, "")
			s.CellFormat(0, 4.2, text, "", 1, "L", false, 0, "")
		}
	}
}

func (s sheet) end(p page) {
	s.heading("What could not be seen")
	if len(p.Unseen) == 0 {
		s.line("All checks could be evaluated.")
	}
	s.list(p.Unseen, normal)
	s.heading("What no database can show")
	s.line("An auditor will ask for these besides:")
	s.list(p.Besides, normal)
}
