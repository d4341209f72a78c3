import type { Command } from 'commander'
import type { Program } from './program.ts'

/** A command adds itself to the command line. `signal` aborts when the person interrupts. */
export type AddCommand = (cli: Command, program: Program, signal: AbortSignal) => void
