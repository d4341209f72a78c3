import { Option } from 'commander'
import { wrongRequest } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import type { SectorSwitch } from './market-program.ts'
import { sectorsText, symbolsText } from './market-text.ts'
import { symbolsOfSector } from './of-sector.ts'

type SetOptions = { all?: true; configured?: true; json?: true }

const json = () => new Option('--json', 'print JSON')

export const addSectorsCommand: AddCommand = (cli, program) => {
  const { terminal, market } = program
  const sectors = cli.command('sectors').description('the sectors there are and which of them are traded')

  sectors
    .command('summary')
    .description('every sector with its symbols, how many of them are traded, and who decided that')
    .addOption(json())
    .action(async ({ json: isJson }: SetOptions) => {
      const found = await market.sectors()
      terminal.out(isJson ? `${JSON.stringify(found)}\n` : sectorsText(found))
    })

  sectors
    .command('symbols')
    .description('the symbols of a sector')
    .argument('<sector>', 'its name; case does not matter')
    .addOption(json())
    .action(async (sector: string, { json: isJson }: SetOptions) => {
      const found = symbolsOfSector(await market.symbols(), sector)
      terminal.out(isJson ? `${JSON.stringify(found)}\n` : symbolsText(found, found.length))
    })

  sectors
    .command('set-active')
    .description('trade these sectors and no others')
    .argument('[sector...]', 'their names; case does not matter')
    .option('--all', 'every sector')
    .option('--configured', 'those that the configuration names (sectors.active)')
    .addOption(json())
    .action(async (names: string[], { all, configured, json: isJson }: SetOptions) => {
      const found = await market.switchSectors(choiceFrom(names, { all, configured }))
      terminal.out(isJson ? `${JSON.stringify(found)}\n` : sectorsText(found))
    })

  sectors
    .command('config')
    .description('what the configuration says of sectors')
    .addOption(json())
    .action(async ({ json: isJson }: SetOptions) => {
      const configured = await market.configuredSectors()
      const active = configured.active.length === 0 ? 'every sector' : configured.active.join(', ')
      terminal.out(isJson ? `${JSON.stringify(configured)}\n` : `active: ${active}\n${configured.listed.join('\n')}\n`)
    })
}

function choiceFrom(
  names: readonly string[],
  { all, configured }: { all: true | undefined; configured: true | undefined },
): SectorSwitch {
  const choices: SectorSwitch[] = [
    ...(names.length > 0 ? [{ kind: 'only' as const, sectors: names }] : []),
    ...(all ? [{ kind: 'all' as const }] : []),
    ...(configured ? [{ kind: 'configuration' as const }] : []),
  ]
  const [choice, ...others] = choices
  if (choice !== undefined && others.length === 0) return choice
  throw wrongRequest('SECTORS_UNCLEAR', 'Name the sectors to trade, or give --all, or --configured: one of the three.')
}
