package anywhere

import (
	"fmt"
	"os"
	"testing"

	"docserve/internal/testenv/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// tab is a tab of the browser, which takes the certificates of test servers.
type tab struct{ *browser.Tab }

func openTab(t testing.TB) tab {
	t.Helper()
	b := tab{browser.Open(t)}
	b.TakeAnyCertificate()
	return b
}

// navigate goes to an address, and marks the window, so that a page that is
// loaded anew can be told.
func (b tab) navigate(url string) {
	b.T.Helper()
	b.Navigate(url)
	b.Run("window.mark = 'not reloaded'")
}

// listen reads the stream of events at a path until its first status.
func (b tab) listen(path string) {
	b.T.Helper()
	b.Run(fmt.Sprintf(`window.source = new EventSource(%q);
		source.addEventListener("status", (event) => { source.close(); window.status = event.data; });
		source.onerror = () => source.close()`, path))
	b.Until("source.readyState === EventSource.CLOSED")
	b.Want("window.status", `{"settled":true}`)
}
