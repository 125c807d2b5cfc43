const ZERO_TIME = "0001-01-01T00:00:00Z";

const AUDIT = {
  deleted: false,
  createdBy: "",
  createdAt: ZERO_TIME,
  updatedAt: ZERO_TIME,
  deletedAt: ZERO_TIME,
};

const MODELS = {
  entities: { collections: null, quota: 0, defaultPrivate: false },
  collections: { entity: "", containers: null, private: false },
  containers: {
    fullDescription: "",
    collection: "",
    images: null,
    imageTags: null,
    archTags: null,
    downloadCount: 0,
    stars: 0,
    private: false,
    readOnly: false,
  },
  images: {
    hash: "",
    container: "",
    uploaded: false,
    containerStars: 0,
    containerDownloads: 0,
  },
};

/**
 * The body of a create request as Go clients send it: every field of the model, with zero values
 * for those not set.
 */
export function zeroValuedModel(
  kind: keyof typeof MODELS,
  set: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const named = kind === "images" ? {} : { name: "" };
  return {
    ...AUDIT,
    id: "",
    ...named,
    description: "",
    size: 0,
    customData: "",
    ...MODELS[kind],
    ...set,
  };
}
