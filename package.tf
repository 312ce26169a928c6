# The function's code: built here or handed in, and uploaded by way of a bucket if you like.

################################################################################
# Bundle
################################################################################

locals {
  builds_bundle = var.lambda_package_path == null
  package_path  = local.builds_bundle ? "${local.root}/dist/lambda.zip" : var.lambda_package_path

  # Everything that shapes the bundle: the sources, the build, and the packages that ship or build it. The
  # hash of these, not the bundle's own, says whether to redeploy: Terraform reads files while it plans, and then the
  # bundle may be missing or old. scripts/build.mjs makes the same hash from the same files. Files that start with a dot
  # belong to editors and file managers.
  source_files = [
    for file in setunion(
      fileset(local.root, "{lambda,protocol}/**/*.{ts,json}"),
      ["scripts/build.mjs", "tsconfig.json"],
    ) : file if !startswith(basename(file), ".")
  ]
  # The local server's and the command line's, as in scripts/build.mjs.
  local_packages = ["client-apigatewaymanagementapi", "client-dynamodb", "fsevents", "tsx", "ws"]
  source_lines = concat(
    [for file in local.source_files : "${file} ${filesha256("${local.root}/${file}")}"],
    [
      for package, lock in jsondecode(file("${local.root}/package-lock.json")).packages :
      "${package} ${lock.version} ${lock.integrity}"
      if package != "" && !try(lock.dev, false) && !contains(local.local_packages, basename(package))
    ],
  )
  sources_hash = sha256(join("\n", sort(local.source_lines)))

  # The build notes beside the zip which sources it was made from, and the zip's own hash: neither an old zip nor a file
  # that something else put in its place is taken for the bundle. Read once, before the build: newer versions of
  # Terraform refuse a function that reads one file twice with different results.
  bundle_note = "${local.root}/dist/lambda.zip.json"
  bundle_is_fresh = try(
    jsondecode(file(local.bundle_note)).sources == local.sources_hash &&
    jsondecode(file(local.bundle_note)).zip == filesha256(local.package_path),
    false,
  )

  # A package that is handed in may be missing. Then the precondition of the function says so, not the hash function.
  package_exists = local.builds_bundle ? true : try(fileexists(local.package_path), false)
  package_hash = (
    local.builds_bundle ? local.sources_hash :
    local.package_exists ? filebase64sha256(local.package_path) : null
  )

  # The hash that Lambda has to report for its code. For a bundle that is yet to be built it is known after the build, and
  # null if the bundle is missing although nothing is to be built, as in `terraform plan -refresh-only`.
  package_sha256 = try(
    filebase64sha256("${local.package_path}${substr(join("", terraform_data.bundle[*].id), 0, 0)}"),
    null,
  )
}

resource "terraform_data" "bundle" {
  count = local.builds_bundle ? 1 : 0

  # The bundle is built when the sources changed, and when this machine does not have it: a function that must be created
  # again needs it, even if the sources are the same. `timestamp` makes the value unknown until the apply, which plans a
  # build; of its text nothing is taken, so that the next plan finds no change.
  triggers_replace = {
    sources_hash = local.bundle_is_fresh ? local.sources_hash : "${local.sources_hash}${substr(timestamp(), 0, 0)}"
  }

  # One program and its argument, so that both sh and cmd can run it.
  provisioner "local-exec" {
    command     = "node scripts/build.mjs"
    working_dir = local.root
  }

  # In the state of version 0.1.0 the old deployment of the API depends on this. If this were destroyed before it is made
  # again, the old deployment would have to go first, which the stage serves until the function has its new bundle: a cycle.
  lifecycle {
    create_before_destroy = true
  }
}

################################################################################
# Bucket
################################################################################

locals {
  uses_bucket     = var.create_artifact_bucket || var.artifact_bucket != null
  artifact_arns   = flatten([for bucket in aws_s3_bucket.artifacts : [bucket.arn, "${bucket.arn}/*"]])
  artifact_bucket = var.create_artifact_bucket ? one(aws_s3_bucket.artifacts[*].id) : var.artifact_bucket
}

# The names of buckets are global. The provider completes this one with 26 characters; a bucket's name has 63.
resource "aws_s3_bucket" "artifacts" {
  # checkov:skip=CKV_AWS_18:It would take a second bucket. CloudTrail's data events tell who read and wrote.
  # checkov:skip=CKV_AWS_144:The sources make the same bytes again, anywhere.
  # checkov:skip=CKV_AWS_145:`kms_key_arn` does it. Without one the objects are encrypted under S3's own keys.
  # checkov:skip=CKV2_AWS_62:Nothing waits for a new package but the apply that uploads it.
  count = var.create_artifact_bucket ? 1 : 0

  bucket_prefix = "${trimsuffix(substr(local.name, 0, 36), "-")}-"
  force_destroy = var.artifact_bucket_force_destroy
  tags          = local.tags
}

resource "aws_s3_bucket_versioning" "artifacts" {
  count = var.create_artifact_bucket ? 1 : 0

  bucket = aws_s3_bucket.artifacts[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  count = var.create_artifact_bucket ? 1 : 0

  bucket = aws_s3_bucket.artifacts[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
    bucket_key_enabled = var.kms_key_arn != null
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  count = var.create_artifact_bucket ? 1 : 0

  bucket                  = aws_s3_bucket.artifacts[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Lambda keeps its own copy of each published version. The older packages here are for people.
resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  count = var.create_artifact_bucket ? 1 : 0

  bucket = aws_s3_bucket.artifacts[0].id

  rule {
    id     = "forget-old-packages"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.artifacts]
}

data "aws_iam_policy_document" "artifacts" {
  statement {
    sid       = "RefuseUnencryptedConnections"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = local.artifact_arns

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  count = var.create_artifact_bucket ? 1 : 0

  bucket = aws_s3_bucket.artifacts[0].id
  policy = data.aws_iam_policy_document.artifacts.json

  depends_on = [aws_s3_bucket_public_access_block.artifacts]
}

resource "aws_s3_object" "package" {
  # checkov:skip=CKV_AWS_186:The bucket's encryption counts: `kms_key_arn`, or your own bucket's.
  count = local.uses_bucket ? 1 : 0

  bucket      = local.artifact_bucket
  key         = "${local.name}/lambda.zip"
  source      = local.package_path
  source_hash = local.package_hash

  # An object takes ten tags, and a provider's default tags may be more.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    postcondition {
      condition     = !contains(["", "null"], coalesce(self.version_id, "null"))
      error_message = "The bucket ${self.bucket} keeps no versions, and the function is deployed from one version of an object. Turn on its versioning, or leave `artifact_bucket` out."
    }
  }

  depends_on = [terraform_data.bundle, aws_s3_bucket_versioning.artifacts]
}
