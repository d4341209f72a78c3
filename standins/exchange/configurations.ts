import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { FillModel } from '#matching/fill-model.ts'
import type { AccountChoices } from '#matching/trading-rules.ts'
import { malformed, type Refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

const checkedAt = z.enum(['entry', 'exit', 'both'])
const multiplier = z.union([z.enum(['1', '2', '4']), z.union([z.literal(1), z.literal(2), z.literal(4)]).transform(toText)])

const Configuration = z.object({
  dtbp_check: checkedAt,
  pdt_check: checkedAt,
  trade_confirm_email: z.enum(['all', 'none']),
  suspend_trade: z.boolean(),
  no_shorting: z.boolean(),
  fractional_trading: z.boolean(),
  max_margin_multiplier: multiplier,
  max_options_trading_level: z.int().min(0).max(3).nullable(),
  ptp_no_exception_entry: z.boolean(),
  disable_overnight_trading: z.boolean(),
})
type Configuration = z.infer<typeof Configuration>

function toText(value: 1 | 2 | 4): '1' | '2' | '4' {
  return value === 1 ? '1' : value === 2 ? '2' : '4'
}

/** What the owner of the account has chosen, on the wire and as matching reads it. */
export type Configurations = {
  readonly shown: () => Configuration
  readonly choices: () => AccountChoices
  /** Changes the keys that `body` has; the rest stays. */
  readonly change: (body: unknown) => Outcome<Configuration, Refusal>
}

export function createConfigurations({ marginMultiplier }: FillModel): Configurations {
  let shown: Configuration = {
    dtbp_check: 'entry',
    pdt_check: 'entry',
    trade_confirm_email: 'none',
    suspend_trade: false,
    no_shorting: marginMultiplier <= 1,
    fractional_trading: true,
    max_margin_multiplier: marginMultiplier <= 1 ? '1' : marginMultiplier <= 2 ? '2' : '4',
    max_options_trading_level: 0,
    ptp_no_exception_entry: false,
    disable_overnight_trading: true,
  }
  let choices = choicesOf(shown)
  return {
    shown: () => shown,
    choices: () => choices,
    change: (body) => {
      const changes = z.record(z.string(), z.unknown()).safeParse(body)
      const parsed = Configuration.safeParse({ ...shown, ...changes.data })
      if (!changes.success || !parsed.success)
        return refuse(malformed(`request body is not an account configuration: ${words(parsed.error)}`))
      shown = parsed.data
      choices = choicesOf(shown)
      return ok(shown)
    },
  }
}

function choicesOf(shown: Configuration): AccountChoices {
  return {
    isTradingSuspended: shown.suspend_trade,
    isShortingRefused: shown.no_shorting,
    isFractionalAllowed: shown.fractional_trading,
    maxMultiplier: shown.max_margin_multiplier === '1' ? 1 : shown.max_margin_multiplier === '2' ? 2 : 4,
    dayTradesCheckedAt: shown.pdt_check,
  }
}

function words(error: z.ZodError | undefined): string {
  return error === undefined ? 'expected an object' : wordsOf(error)
}
