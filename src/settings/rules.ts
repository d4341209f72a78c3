import type { Settings } from './schema.ts'

type Rule = { readonly path: string; readonly allowed: string; readonly holds: (settings: Settings) => boolean }

/** What settings must be to one another. */
const RULES: readonly Rule[] = [
  {
    path: 'pairs.maximum_half_life_bars',
    allowed: 'above pairs.minimum_half_life_bars',
    holds: ({ pairs }) => pairs.minimumHalfLifeBars < pairs.maximumHalfLifeBars,
  },
  {
    path: 'model.train_fraction',
    allowed: 'below 1 together with model.validation_fraction, so that a test part is left',
    holds: ({ model }) => model.trainFraction + model.validationFraction < 1,
  },
  { path: 'signals.exit_z', allowed: 'below signals.entry_z', holds: ({ signals }) => signals.exitZ < signals.entryZ },
  { path: 'signals.stop_z', allowed: 'above signals.entry_z', holds: ({ signals }) => signals.entryZ < signals.stopZ },
  {
    path: 'risk.flat_before_close_minutes',
    allowed: 'at most risk.no_entry_before_close_minutes, or a pair would be opened after all were closed',
    holds: ({ risk }) => risk.flatBeforeCloseMinutes <= risk.noEntryBeforeCloseMinutes,
  },
]

/** The first rule between settings that these break, or undefined. */
export function brokenRule(settings: Settings): Rule | undefined {
  return RULES.find((rule) => !rule.holds(settings))
}
