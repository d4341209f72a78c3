import type { SettingRow } from './contract.ts'

const SECRET_PART = /password|secret|token|api_?key/i

/**
 * Settings as rows for the page: one for each value, by section, in the order given. Passwords in addresses and values
 * named like a secret are replaced by dots; what is not set is the empty text.
 */
export function settingRows(settings: Readonly<Record<string, unknown>>): SettingRow[] {
  return Object.entries(settings).flatMap(([section, values]) =>
    leavesOf(values, '').map(({ key, value }) => ({
      section,
      key,
      value: SECRET_PART.test(key) && value !== '' ? '••••' : withoutPassword(value),
    })),
  )
}

function leavesOf(value: unknown, path: string): { key: string; value: string }[] {
  if (isGroup(value))
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`))
  return [{ key: path, value: Array.isArray(value) ? value.join(', ') : String(value ?? '') }]
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutPassword(text: string): string {
  return text.replace(/^(\w+:\/\/[^:@/\s]+):[^@/\s]+@/, '$1:••••@')
}
