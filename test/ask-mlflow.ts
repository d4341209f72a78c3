type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export type Asked = { readonly status: number; readonly body: Record<string, unknown> }

/** Asks a tracking server below /api/2.0/mlflow, in the way of MLflow's clients: GET by query, all others by a JSON body. */
export async function askMlflow(url: string, method: Method, path: string, fields: object = {}): Promise<Asked> {
  const address = `${url}/api/2.0/mlflow/${path}`
  const query = new URLSearchParams(
    Object.entries(fields).flatMap(([key, value]) => [value].flat().map((one) => [key, `${one}`])),
  )
  const reply = await (method === 'GET'
    ? fetch(`${address}?${query}`)
    : fetch(address, { method, body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }))
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}
