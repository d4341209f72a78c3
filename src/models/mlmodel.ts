import { stringify } from 'yaml'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { NetworkShape } from '#network/shape.ts'

/** The MLflow whose format of models this is, and the versions that load one. */
const MLFLOW = '3.6.0'
const PYTHON = '3.11.7'
const ONNX = '1.19.0'
const ONNX_RUNTIME = '1.23.2'

export type MlmodelFile = { readonly name: string; readonly body: Uint8Array }

/**
 * The files that beside `model.onnx` make a folder that `mlflow.onnx.load_model` and `mlflow.pyfunc.load_model` read: what the model
 * takes and gives, and the packages that it is loaded with. `path` is the folder's among the run's artifacts; `contentHash`, hexadecimal,
 * names the model.
 */
export function mlmodelFiles(
  { sequence, inputs }: NetworkShape,
  { path, contentHash, at }: { readonly path: string; readonly contentHash: string; readonly at: EpochMs },
): readonly MlmodelFile[] {
  const model = {
    artifact_path: path,
    flavors: {
      onnx: {
        code: null,
        data: 'model.onnx',
        onnx_session_options: null,
        onnx_version: ONNX,
        providers: ['CPUExecutionProvider'],
      },
      python_function: {
        data: 'model.onnx',
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'mlflow.onnx',
        python_version: PYTHON,
      },
    },
    mlflow_version: MLFLOW,
    model_uuid: contentHash.slice(0, 32),
    signature: {
      inputs: JSON.stringify([tensor('window', [-1, sequence, inputs])]),
      outputs: JSON.stringify([tensor('probability', [-1, 1])]),
      params: null,
    },
    utc_time_created: isoFrom(at).replace('T', ' ').replace('Z', '000'),
  }
  const packages = [`mlflow==${MLFLOW}`, `onnx==${ONNX}`, `onnxruntime==${ONNX_RUNTIME}`]
  const conda = {
    channels: ['conda-forge'],
    dependencies: [`python=${PYTHON}`, 'pip', { pip: packages }],
    name: 'mlflow-env',
  }
  const environment = {
    python: PYTHON,
    build_dependencies: ['pip', 'setuptools', 'wheel'],
    dependencies: ['-r requirements.txt'],
  }
  return [
    file('MLmodel', stringify(model)),
    file('conda.yaml', stringify(conda)),
    file('python_env.yaml', stringify(environment)),
    file('requirements.txt', `${packages.join('\n')}\n`),
  ]
}

function tensor(name: string, shape: readonly number[]): object {
  return { name, type: 'tensor', 'tensor-spec': { dtype: 'float32', shape } }
}

function file(name: string, text: string): MlmodelFile {
  return { name, body: new TextEncoder().encode(text) }
}
