package generate

// circle returns the way from an output of a job over other jobs back to the job,
// as names of files; nil when there is none.
func (g *Generator) circle(j *job) []string {
	seen := map[*job]bool{}
	var visit func(at *job) []string
	visit = func(at *job) []string {
		for _, path := range at.outputs {
			for next := range g.readers[path] {
				if _, reads := next.reads[path]; !reads {
					continue
				}
				if next == j {
					return []string{g.name(path)}
				}
				if seen[next] {
					continue
				}
				seen[next] = true
				if way := visit(next); way != nil {
					return append([]string{g.name(path)}, way...)
				}
			}
		}
		return nil
	}
	way := visit(j)
	if way == nil {
		return nil
	}
	return append(way, way[0])
}
