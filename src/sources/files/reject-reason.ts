/** Why a row of a file was not taken, in the order in which the rules are asked; a row is counted under the first it breaks. */
export const REJECT_REASONS = {
  'fields-broken': 'the quotes of the row do not match',
  'fields-count': 'the row has more or fewer fields than the first line',
  'symbol-form': 'the symbol is not written like a ticker (capitals and digits, at most one dot, dash or slash)',
  'stamp-unparsable': 'the timestamp is in none of the known forms, or names a day that does not exist',
  'stamp-without-time': 'the timestamp is a date alone, in a file of bars within the day',
  'stamp-without-zone': 'the timestamp names no time zone, and none was given',
  'stamp-ambiguous': "the zone's clocks show this time twice or never",
  'stamp-off-minute': 'the bar does not open on a full minute',
  'outside-calendar': 'the day lies outside the trading calendar, 2007 to 2037',
  'no-session': 'the exchange did not trade on this date',
  'outside-session': 'the bar opens outside regular trading hours',
  'price-missing': 'open, high, low or close is empty, NA, NaN or null',
  'price-unparsable': 'open, high, low or close is not a number',
  'price-not-positive': 'open, high, low or close is zero or negative',
  'high-below-low': 'the high is below the low',
  'open-outside-range': 'the open is not within low and high',
  'close-outside-range': 'the close is not within low and high',
  'volume-missing': 'the volume is empty, NA, NaN or null',
  'volume-unparsable': 'the volume is not a number',
  'volume-negative': 'the volume is negative',
  'vwap-unparsable': 'the vwap is not a positive number',
  'trades-unparsable': 'the number of trades is not a whole number',
  'duplicate-differs': 'an earlier line of the file has the same symbol and time with other values; the earlier one is kept',
  'stored-differs': 'the feed already holds this symbol and time with other values; the stored one is kept',
} as const

export type RejectReason = keyof typeof REJECT_REASONS

/** A row that was not taken: where it stands and what it says, cut to 2000 characters. */
export type RejectedRow = { readonly line: number; readonly reason: RejectReason; readonly text: string }

export const LONGEST_KEPT_TEXT = 2000
