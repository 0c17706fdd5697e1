/** Models of the fake core: one in use, one to fetch, one too big, one that cannot be read. */
import type { CatalogueEntry } from '../types/CatalogueEntry';
import type { Choice } from '../types/Choice';
import type { Device } from '../types/Device';
import type { FoundModel } from '../types/FoundModel';
import type { ModelCard } from '../types/ModelCard';
import type { Models } from '../types/Models';
import type { ModelShape } from '../types/ModelShape';

const GB = 1e9;
/** The window draws nothing from it. */
const shape = {} as ModelShape;

export const PROCESSOR: Device = {
  name: 'Processor',
  kind: 'cpu',
  total_bytes: 32 * GB,
  available_bytes: 21 * GB,
};

function choices(parameters: number): Choice[] {
  const kept: [Choice['precision'], number][] = [
    ['f32', 4],
    ['bf16', 2],
    ['q8_0', 1.06],
    ['q4_k', 0.56],
  ];
  return kept.map(([precision, bytes]) => {
    const weights = parameters * bytes;
    const memory = { weights, kv_cache: 0.6 * GB, vision: 0.5 * GB, activations: 0.7 * GB };
    const total = weights + 1.8 * GB;
    const verdict = total > 29 * GB ? 'too_big' : total > 21 * GB ? 'tight' : 'fits';
    return {
      precision,
      memory: { ...memory, total },
      fit: {
        fit: verdict,
        sentence:
          verdict === 'fits'
            ? 'It fits, with room to spare.'
            : 'It needs more memory than is free; close other programs or choose fewer bits.',
      },
    };
  });
}

function entry(
  id: string,
  name: string,
  billions: number,
  good_for: string,
  hears = false,
): CatalogueEntry {
  return {
    id,
    name,
    family: hears ? 'qwen2_5_omni' : 'qwen3_vl',
    good_for,
    parameters: billions * GB,
    download_bytes: billions * 2 * GB,
    repository: `Qwen/${name.replaceAll(' ', '-')}`,
    revision: 'main',
    format: 'safetensors',
    context: 32_768,
    sampling: {
      temperature: 0.7,
      top_p: 0.8,
      top_k: 20,
      repetition_penalty: 1,
      max_tokens: 2048,
    },
    licence: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    sees: true,
    hears,
    shape,
  };
}

function found(of: CatalogueEntry): FoundModel {
  return {
    id: `found-${of.id}`,
    name: of.name,
    state: { state: 'ready', family: of.family },
    place: {
      kind: 'hub_cache',
      path: `/home/ana/.cache/huggingface/hub/${of.id}`,
      repository: of.repository,
    },
    format: { format: 'safetensors', dtype: 'BF16' },
    bytes: of.download_bytes,
    catalogue: of.id,
  };
}

function card(of: CatalogueEntry, here: boolean, partial_bytes = 0): ModelCard {
  return {
    id: of.id,
    name: of.name,
    entry: of,
    found: here ? [found(of)] : [],
    choices: choices(of.parameters),
    partial_bytes,
  };
}

export function sampleModels(): Models {
  return {
    models: [
      card(
        entry(
          'qwen3-vl-4b-instruct',
          'Qwen3-VL 4B',
          4.4,
          'Sees well and writes plainly; the one to begin with on a laptop.',
        ),
        true,
      ),
      card(
        entry(
          'qwen2.5-omni-3b',
          'Qwen2.5-Omni 3B',
          5.5,
          'Watches a clip and hears its sound together.',
          true,
        ),
        false,
        1.4 * GB,
      ),
      card(
        entry(
          'qwen2.5-vl-32b-instruct',
          'Qwen2.5-VL 32B',
          33,
          'Catches what smaller ones miss in a crowded frame; wants a large card.',
        ),
        false,
      ),
      {
        id: 'found-old',
        name: 'old-checkpoint',
        found: [
          {
            id: 'found-old',
            name: 'old-checkpoint',
            state: {
              state: 'unusable',
              fault: {
                code: 'damaged',
                message: 'The second of its three files is cut short.',
                advice: 'Fetch it again, or remove the folder from the list.',
              },
            },
            place: { kind: 'added', path: '/home/ana/models/old-checkpoint' },
            format: { format: 'safetensors', dtype: 'BF16' },
            bytes: 7.1 * GB,
          },
        ],
        choices: [],
        partial_bytes: 0,
      },
    ],
    faults: [],
    devices: [PROCESSOR],
    notice: 'The graphics card’s driver is missing, so models run on the processor.',
    settings: {
      engine: 'measured',
      precision: 'auto',
      device: 'best',
      frames: 32,
      idle_minutes: 10,
      folders: ['/home/ana/models'],
      offline: false,
      endpoints: [{ name: 'Studio', url: 'http://127.0.0.1:8000/v1', plain: false, used: true }],
    },
    folder: '/home/ana/.local/share/decoupage/models',
    keys: ['Studio'],
  };
}

/** The same, with one more model here. */
export function fetched(models: Models, id: string): Models {
  return {
    ...models,
    models: models.models.map((model) =>
      model.id === id && model.entry
        ? { ...model, found: [found(model.entry)], partial_bytes: 0 }
        : model,
    ),
  };
}
