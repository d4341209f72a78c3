import type { ReferenceReport } from '#desk/reference-report.ts'
import { Fault } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import { referenceText } from './reference-text.ts'

export const addReference: AddCommand = (cli, program) => {
  cli
    .command('reference')
    .description("check this machine's statistics and network against golden numbers of other programs")
    .argument('<folder>', 'folder with golden files (*.json: topic, series, cases)')
    .option('--json', 'print exactly one JSON object')
    .action(async (folder: string, { json }: { json?: true }) => {
      const { report, note } = await program.checkReference(folder)
      if (note !== undefined) program.terminal.err(`spreadworks: ${note}\n`)
      program.terminal.out(json ? `${JSON.stringify(report)}\n` : referenceText(report))
      if (report.failed > 0 || report.cases === 0) throw disagreement(report)
    })
}

function disagreement({ cases, failed }: ReferenceReport): Fault {
  const found = cases === 0 ? 'The golden files hold no case.' : `${failed} of ${cases} golden cases are not met.`
  return new Fault('REFERENCE_NOT_MET', `${found} Do not trust the figures of the topics that are named until it is known why.`)
}
