package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// commands on stdin: goto URL | shot FILE | eval JS | wait MS | until JS | size W H
func main() {
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1200, 800))
	a, c1 := chromedp.NewExecAllocator(context.Background(), opts...)
	defer c1()
	ctx, c2 := chromedp.NewContext(a)
	defer c2()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		cmd, rest, _ := strings.Cut(in.Text(), " ")
		start := time.Now()
		var err error
		switch cmd {
		case "goto":
			_, err = chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: rest})
		case "eval":
			var v string
			v, err = chromedp.Run(ctx, chromedp.Evaluate[string]("String("+rest+")"))
			fmt.Println("=", v)
		case "until":
			for deadline := time.Now().Add(30 * time.Second); ; {
				var ok bool
				ok, err = chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+rest+")"))
				if ok || err != nil || time.Now().After(deadline) {
					fmt.Println("until", ok)
					break
				}
				time.Sleep(3 * time.Millisecond)
			}
		case "shot":
			if shot, e := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng}); e == nil {
				err = os.WriteFile(rest, shot.Data, 0o666)
			}
		case "sed": // FILE OLD|NEW
			file, what, _ := strings.Cut(rest, " ")
			old, new, _ := strings.Cut(what, "|")
			var text []byte
			text, err = os.ReadFile(file)
			if !strings.Contains(string(text), old) {
				fmt.Println("no", old)
			}
			if err == nil {
				err = os.WriteFile(file, []byte(strings.Replace(string(text), old, strings.ReplaceAll(new, "\\n", "\n"), 1)), 0o666)
			}
		case "wait":
			d, _ := time.ParseDuration(rest)
			time.Sleep(d)
		}
		fmt.Printf("%s %s: %v %v\n", cmd, rest, time.Since(start).Round(time.Millisecond), err)
	}
}
