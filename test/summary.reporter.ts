import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** After everything else: the seconds that each room's tests took, and `N passed, N failed, N skipped` on a line of its own. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: ReturnType<TestCase['result']>['state']) => cases.filter((test) => test.result().state === state).length
    const brokenModules = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length
    process.stdout.write(`\n${roomSeconds(modules)}\n`)
    process.stdout.write(
      `\n${count('passed')} passed, ${count('failed') + brokenModules + errors.length} failed, ${count('skipped')} skipped\n`,
    )
  }
}

function roomSeconds(modules: readonly TestModule[]): string {
  const seconds = new Map<string, number>()
  for (const module of modules) {
    const room = roomOf(module.moduleId)
    const { duration, collectDuration, setupDuration } = module.diagnostic()
    seconds.set(room, (seconds.get(room) ?? 0) + (duration + collectDuration + setupDuration) / 1000)
  }
  return [...seconds]
    .sort(([, a], [, b]) => b - a)
    .map(([room, spent]) => `${room.padEnd(28)} ${spent.toFixed(1).padStart(6)} s`)
    .join('\n')
}

function roomOf(path: string): string {
  const [, inside = path] = /.*\/((?:src|standins|test|tools|strategies|web)\/[^/]+)/.exec(path) ?? []
  return inside.replace(/\.test\.ts$/, '')
}
