# room -> peer, and connection -> identity with the connection's records. All reads go to the base table by key: an index
# would be eventually consistent and miss a peer that has just joined.
resource "aws_dynamodb_table" "connections" {
  # checkov:skip=CKV_AWS_28:`table_point_in_time_recovery` turns it on. Presence of yesterday is of no use, and today's is back within minutes.
  # checkov:skip=CKV_AWS_119:`kms_key_arn` does it. Without one the table is encrypted under DynamoDB's own key.

  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"
  tags         = local.tags

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  # Epoch seconds. DynamoDB deletes up to days late, so readers filter expired leases; this only keeps the table small.
  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  # Off unless asked for: peers that lose their presence join again, and within minutes it is all back.
  deletion_protection_enabled = var.table_deletion_protection

  point_in_time_recovery {
    enabled = var.table_point_in_time_recovery
  }

  # Also without a key: if this were left out, the provider would leave the table under the key that it had before. Off
  # means DynamoDB's own key, never no encryption.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}
