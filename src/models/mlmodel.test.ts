import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { epochMs } from '#domain/units.ts'
import { mlmodelFiles } from './mlmodel.ts'

test('a model’s folder says what mlflow needs to load it: the flavour, the file, and what goes in and comes out', () => {
  const shape = { inputs: 12, sequence: 60, hidden: [64, 32], dropout: 0.2 }
  const named = { path: 'model', contentHash: 'c0ffee'.repeat(11), at: epochMs(1_522_245_000_123) }
  const files = new Map(mlmodelFiles(shape, named).map(({ name, body }) => [name, new TextDecoder().decode(body)]))
  expect([...files.keys()]).toEqual(['MLmodel', 'conda.yaml', 'python_env.yaml', 'requirements.txt'])
  const model = parse(files.get('MLmodel') ?? '')
  expect(model).toMatchObject({
    artifact_path: 'model',
    model_uuid: 'c0ffeec0ffeec0ffeec0ffeec0ffeec0',
    utc_time_created: '2018-03-28 13:50:00.123000',
    flavors: {
      onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'] },
      python_function: { data: 'model.onnx', loader_module: 'mlflow.onnx' },
    },
  })
  // The signature is JSON within YAML.
  expect(JSON.parse(model.signature.inputs)).toEqual([
    { name: 'window', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 60, 12] } },
  ])
  expect(files.get('requirements.txt')).toMatch(/^mlflow==.+\nonnx==.+\nonnxruntime==.+\n$/)
})
